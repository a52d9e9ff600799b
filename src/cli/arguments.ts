import { parseArgs } from "node:util";
import { type DeviceChoice, devices } from "../protocol/scorer.ts";

/** Wrong use of the command line: shown with the exit code 2. */
export class UsageError extends Error {}

/** Options a command may take beside its paths. */
export type OptionName =
  | "json"
  | "pressure"
  | "lanes"
  | "out"
  | "method"
  | "metric"
  | "set"
  | "id"
  | "model"
  | "device"
  | "threads"
  | "cache"
  | "dry-run"
  | "compare"
  | "limit";

export interface Arguments {
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly pressure: boolean;
  readonly lanes: boolean;
  readonly out: string | null;
  readonly methods: readonly string[];
  readonly metrics: readonly string[];
  readonly sets: readonly string[];
  readonly ids: readonly string[];
  readonly model: string | null;
  readonly device: string | null;
  readonly threads: string | null;
  readonly cache: string | null;
  readonly dryRun: boolean;
  readonly compare: string | null;
  readonly limit: string | null;
  /** Nothing but the command's usage is asked for. */
  readonly help: boolean;
}

const all = {
  json: { type: "boolean" },
  pressure: { type: "boolean" },
  lanes: { type: "boolean" },
  out: { type: "string" },
  method: { type: "string", multiple: true },
  metric: { type: "string", multiple: true },
  set: { type: "string", multiple: true },
  id: { type: "string", multiple: true },
  model: { type: "string" },
  device: { type: "string" },
  threads: { type: "string" },
  cache: { type: "string" },
  "dry-run": { type: "boolean" },
  compare: { type: "string" },
  limit: { type: "string" },
} as const;

/** @throws UsageError for an option the command does not have. */
export function parseArguments(argv: readonly string[], options: readonly OptionName[]): Arguments {
  const known = {
    ...Object.fromEntries(options.map((name) => [name, all[name]])),
    help: { type: "boolean", short: "h" } as const,
  };
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: known,
      allowPositionals: true,
      strict: true,
    });
    const list = (name: OptionName): readonly string[] =>
      ((values as Record<string, unknown>)[name] as string[] | undefined) ?? [];
    const one = (name: OptionName): string | null =>
      ((values as Record<string, unknown>)[name] as string | undefined) ?? null;
    return {
      paths: positionals,
      json: (values as Record<string, unknown>)["json"] === true,
      pressure: (values as Record<string, unknown>)["pressure"] === true,
      lanes: (values as Record<string, unknown>)["lanes"] === true,
      out: one("out"),
      methods: list("method").flatMap(idsOf),
      metrics: list("metric").flatMap(idsOf),
      sets: list("set"),
      ids: list("id"),
      model: one("model"),
      device: one("device"),
      threads: one("threads"),
      cache: one("cache"),
      dryRun: (values as Record<string, unknown>)["dry-run"] === true,
      compare: one("compare"),
      limit: one("limit"),
      help: values.help === true,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Ids of an option's value: they are parted by commas. */
function idsOf(entry: string): readonly string[] {
  return entry.split(",").filter((id) => id !== "");
}

/** @throws UsageError when a command that needs paths got none. */
export function pathsOf({ paths }: Arguments, command: string): readonly string[] {
  if (paths.length > 0) return paths;
  throw new UsageError(`${command} needs a file or folder: rewardlens ${command} PATH…`);
}

/** `--threads`: cores that are used; 0 = as many as suit this machine. @throws UsageError for another word */
export function threadsOf({ threads }: Arguments): number {
  const number = Number(threads ?? 0);
  if (Number.isInteger(number) && number >= 0 && number <= 256) return number;
  throw new UsageError(`--threads ${threads}: it is a whole number; 0 = as many as suit this machine`);
}

/** `--device`: what runs the model. @throws UsageError for another word */
export function deviceOf({ device }: Arguments): DeviceChoice {
  const choices: readonly string[] = ["auto", ...devices];
  if (device === null) return "auto";
  if (choices.includes(device)) return device as DeviceChoice;
  throw new UsageError(`--device ${device}: it is one of ${choices.join(", ")}`);
}
