import {
  ParameterError,
  type Parameters,
  type Presets,
  resolveParameters,
} from "../core/credit/parameter.ts";
import { UsageError } from "./arguments.ts";

/** Explicit parameters of each chosen method or metric. */
export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What takes parameters: a credit method or a metric. */
export interface Configurable {
  readonly id: string;
  readonly params: Parameters;
  readonly presets: Presets;
}

/**
 * Those that were chosen by their ids, in that order, each once.
 * @throws UsageError when there is no such one
 */
export function choose<C extends Configurable>(
  ids: readonly string[],
  all: readonly C[],
  noun: string,
): readonly C[] {
  return [...new Set(ids)].map((id) => {
    const one = all.find((known) => known.id === id);
    if (one !== undefined) return one;
    throw new UsageError(`there is no ${noun} "${id}"; there are ${all.map((known) => known.id).join(", ")}`);
  });
}

/**
 * Reads `--set [ID.]name=JSON`. Without an id, a parameter goes to every chosen one that has it. A value that is
 * not JSON is a string, so that `--set stage=raw` needs no quotes.
 * @param noun what is chosen, in messages: `method` or `metric`
 * @throws UsageError when a parameter is unknown, does not fit, or would not be used
 */
export function parseSets(chosen: readonly Configurable[], sets: readonly string[], noun: string): Settings {
  const settings: Record<string, Record<string, unknown>> = Object.fromEntries(
    chosen.map(({ id }) => [id, Object.create(null) as Record<string, unknown>]),
  );
  for (const set of sets) {
    const equals = set.indexOf("=");
    if (equals <= 0) throw new UsageError(`--set ${set}: it is [ID.]name=JSON, as in --set gae.lambda=0.9`);
    const dot = set.lastIndexOf(".", equals);
    const name = set.slice(dot + 1, equals);
    const id = dot < 0 ? undefined : set.slice(0, dot);
    const value = valueOf(set.slice(equals + 1));
    const targets = chosen.filter((one) => (id === undefined ? has(one, name) : one.id === id));
    if (targets.length === 0) {
      const why =
        id === undefined ? `no chosen ${noun} has a parameter "${name}"` : `${noun} "${id}" is not chosen`;
      throw new UsageError(`--set ${set}: ${why}`);
    }
    for (const target of targets) settings[target.id]![name] = value;
  }
  for (const one of chosen) check(one, settings[one.id]!);
  return settings;
}

function has({ params }: Configurable, name: string): boolean {
  return name === "preset" || Object.hasOwn(params, name);
}

function check(one: Configurable, explicit: Readonly<Record<string, unknown>>): void {
  try {
    resolveParameters(one, explicit);
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
