import { toNumber } from "../format/fields.ts";

/** What the step is called, the trainer's own first. */
export const stepNames = [
  "step",
  "_step",
  "global_step",
  "train_step",
  "training_step",
  "iteration",
  "training_iteration",
] as const;
/** What the time is called. */
export const timeNames = ["time", "timestamp", "_timestamp", "wall_time"] as const;

/** Fields that rollouts, samples and traces have, and metrics do not. */
export const rolloutNames: readonly string[] = [
  "schema",
  "schema_version",
  "turns",
  "messages",
  "conversations",
  "conversation",
  "input",
  "output",
  "prompt",
  "prompts",
  "question",
  "problem",
  "query",
  "instruction",
  "solution",
  "ground_truth",
  "completion",
  "completions",
  "response",
  "responses",
  "answer",
  "text",
  "trajectory",
  "token_ids",
  "tokens",
];

/** Seconds: a `time` below this (1973) is how long something took, which is a metric. */
const earliestTime = 1e8;
/** Seconds: a time above this (the year 5138) is in milliseconds. */
const latestTime = 1e11;

/** Seconds since the epoch of what stands under a time's name; NaN where it is no point in time. */
export function wallSeconds(name: string, value: unknown): number {
  const seconds = toNumber(value) ?? isoSeconds(value);
  if (!Number.isFinite(seconds) || (name === "time" && seconds < earliestTime)) return NaN;
  return seconds >= latestTime ? seconds / 1000 : seconds;
}

/** Seconds since the epoch of an ISO date and time; NaN for anything else. */
export function isoSeconds(value: unknown): number {
  return typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:/.test(value)
    ? Date.parse(value) / 1000
    : NaN;
}
