import type { ScannedRecord } from "../../../src/core/format/format.ts";
import { formatOf } from "../../../src/core/format/registry.ts";
import { alone, memorySource } from "./memorySource.ts";

/** An infinite number is missing in an export: JSON has none. */
export function finite<T>(value: T): T {
  const of = (x: unknown): unknown => {
    if (typeof x === "number") return Number.isFinite(x) ? x : NaN;
    if (x instanceof Float64Array) return x.map((y) => (Number.isFinite(y) ? y : NaN));
    if (x instanceof Map) return new Map([...x].map(([key, y]) => [key, of(y)]));
    if (Array.isArray(x)) return x.map(of);
    const isPlain = typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;
    return isPlain ? Object.fromEntries(Object.entries(x).map(([key, y]) => [key, of(y)])) : x;
  };
  return of(value) as T;
}

/** What the native reader makes of a line that was written. */
export async function linesBack(line: string): Promise<{
  readonly trajectory: ScannedRecord["trajectories"][number];
  readonly issues: ScannedRecord["issues"];
}> {
  const records: ScannedRecord[] = [];
  const native = formatOf("rewardlens")!;
  for await (const record of native.scan(memorySource(line), alone("export.jsonl"), {})) records.push(record);
  return { trajectory: records[0]!.trajectories[0]!, issues: records[0]!.issues };
}
