import type { Measurement, Plain, Scope } from "../core/diagnostic/diagnostic.ts";

/** A measurement as a line for people: what, of what, the value, what it rests on. */
export function inWords(metric: string, { scope, value, evidence, missing, alarm }: Measurement): string {
  const parts = [metric, placeOf(scope), isAbsent(value) ? "not available" : wordsOf(value)];
  if (missing !== undefined && missing.length > 0) parts.push(`(missing: ${missing.join(", ")})`);
  const facts = Object.entries(evidence).map(([name, fact]) => `${name}=${wordsOf(fact)}`);
  if (facts.length > 0) parts.push(`[${facts.join(", ")}]`);
  if (alarm === true) parts.push("← look at this");
  return parts.join("  ");
}

function placeOf({ run, train_step, group, id, split }: Scope): string {
  const parts = [
    run,
    split,
    train_step === undefined ? undefined : `step ${train_step}`,
    group === undefined ? undefined : `group ${group}`,
    id,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

function isAbsent(value: Plain): boolean {
  return value === null || (typeof value === "number" && !Number.isFinite(value));
}

function wordsOf(value: Plain): string {
  if (value === null || (typeof value === "number" && Number.isNaN(value))) return "none";
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  return typeof value === "string" ? value : JSON.stringify(value, rounded);
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}
