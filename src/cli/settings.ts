import { ParameterError, resolveParameters } from "../core/credit/parameter.ts";
import { type AnyCreditMethod, methodOf } from "../core/credit/registry.ts";
import { UsageError } from "./arguments.ts";

/** Explicit parameters of each chosen method. */
export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Reads `--set [ID.]name=JSON`. Without an id, a parameter goes to every chosen method that has it. A value that is
 * not JSON is a string, so that `--set stage=raw` needs no quotes.
 * @throws UsageError when a parameter is unknown, does not fit, or would not be used
 */
export function parseSets(methods: readonly string[], sets: readonly string[]): Settings {
  const settings: Record<string, Record<string, unknown>> = Object.fromEntries(
    methods.map((id) => [id, Object.create(null) as Record<string, unknown>]),
  );
  for (const set of sets) {
    const equals = set.indexOf("=");
    if (equals <= 0) throw new UsageError(`--set ${set}: it is [ID.]name=JSON, as in --set gae.lambda=0.9`);
    const dot = set.lastIndexOf(".", equals);
    const name = set.slice(dot + 1, equals);
    const id = dot < 0 ? undefined : set.slice(0, dot);
    const value = valueOf(set.slice(equals + 1));
    const targets =
      id === undefined
        ? methods.filter((method) => has(method, name))
        : methods.filter((method) => method === id);
    if (targets.length === 0) {
      const why =
        id === undefined ? `no chosen method has a parameter "${name}"` : `method "${id}" is not chosen`;
      throw new UsageError(`--set ${set}: ${why}`);
    }
    for (const target of targets) settings[target]![name] = value;
  }
  for (const method of methods) check(method, settings[method]!);
  return settings;
}

function has(id: string, name: string): boolean {
  return name === "preset" || Object.hasOwn(methodOf(id)?.params ?? {}, name);
}

function check(id: string, explicit: Readonly<Record<string, unknown>>): void {
  try {
    resolveParameters(methodOf(id) as AnyCreditMethod, explicit);
  } catch (error) {
    if (error instanceof ParameterError) throw new UsageError(error.message);
    throw error;
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
