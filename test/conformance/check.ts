import type { Batch } from "../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../src/core/credit/engine.ts";
import { positionsOf } from "../../src/core/rollout/positions.ts";
import type { Adapter, LaneAdapter, OutputLane, ValueAdapter } from "./adapter.ts";
import { agrees, type GoldenCase, numberOf, rowsOf, tolerances } from "./golden.ts";

/** What does not agree in one case; empty = it passes. To throw is to refuse: right where the official code fails too. */
export function checkCase(adapter: Adapter, golden: GoldenCase, dtype: string): readonly string[] {
  try {
    return "values" in adapter ? checkValues(adapter, golden, dtype) : checkLanes(adapter, golden, dtype);
  } catch (error) {
    return "error" in golden.outputs ? [] : [`refused: ${String(error)}`];
  }
}

function toleranceOf({ tolerance }: Adapter, output: string, dtype: string): number {
  const own = typeof tolerance === "object" ? tolerance[output] : tolerance;
  return own ?? tolerances[dtype] ?? 1e-6;
}

function checkValues(adapter: ValueAdapter, golden: GoldenCase, dtype: string): readonly string[] {
  if ("error" in golden.outputs) {
    return "error" in adapter.values(golden.inputs, golden.name)
      ? []
      : ["the official code raises an error; none here"];
  }
  const values = adapter.values(golden.inputs, golden.name);
  return Object.entries(golden.outputs).flatMap(([key, expected]) =>
    key in values
      ? unlike(key, values[key], expected, toleranceOf(adapter, key, dtype))
      : [`output "${key}" has no value`],
  );
}

/** Where a value differs from the expected one, by its path in it. */
function unlike(path: string, actual: unknown, expected: unknown, tolerance: number): readonly string[] {
  const differs = [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
  if (ArrayBuffer.isView(actual)) return unlike(path, [...(actual as Float64Array)], expected, tolerance);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return differs;
    return expected.flatMap((one, i) => unlike(`${path}[${i}]`, actual[i], one, tolerance));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) return differs;
    return Object.entries(expected).flatMap(([key, one]) =>
      unlike(`${path}.${key}`, (actual as Record<string, unknown>)[key], one, tolerance),
    );
  }
  const isNumber = typeof expected === "number" || isNumberWord(expected);
  if (isNumber && typeof actual === "number")
    return agrees(actual, numberOf(expected), tolerance) ? [] : differs;
  if (typeof expected === "boolean" || typeof actual === "boolean")
    return Number(actual) === Number(expected) ? [] : differs;
  return actual === expected ? [] : differs;
}

/** A number that JSON has no word for. */
function isNumberWord(value: unknown): boolean {
  return value === "NaN" || value === "Infinity" || value === "-Infinity";
}

function checkLanes(adapter: LaneAdapter, golden: GoldenCase, dtype: string): readonly string[] {
  const lanes = adapter.lanes(golden.inputs);
  const batchFor = (output: string): Batch => makeBatch(adapter.members(golden.inputs, output));
  if ("error" in golden.outputs) {
    return refuses(batchFor("error"), Object.values(lanes))
      ? []
      : ["the official code raises an error; no flag here"];
  }
  return Object.entries(golden.outputs).flatMap(([key, value]) => {
    const tolerance = toleranceOf(adapter, key, dtype);
    const lane = lanes[key];
    if (lane === undefined) return [`output "${key}" has no lane`];
    const batch = batchFor(key);
    return rowsOf(value).flatMap((expected, r) => {
      const actual = laneOf(batch, lane, r);
      const at = expected.findIndex((b, t) => !agrees(actual[t]!, b, tolerance));
      if (expected.length === actual.length && at < 0) return [];
      return [`${key}[${r}][${at}]: ${actual[at]} instead of ${expected[at]}`];
    });
  });
}

/** A lane as the official output has it: a rollout's number at every token, times the mask; a token lane as it is. */
function laneOf(batch: Batch, { method, params, lane, shape }: OutputLane, r: number): Float64Array {
  const run = batch.credit(method, params);
  const values = run.lane(r, lane);
  if (shape !== "positions" || run.lanes[lane]!.level === "token") return values;
  const { n, mask } = positionsOf(batch.members[r]!.trajectory);
  return values.length === 1 ? Float64Array.from({ length: n }, (_, t) => values[0]! * mask[t]!) : values;
}

function refuses(batch: Batch, lanes: readonly OutputLane[]): boolean {
  return lanes.every(({ method, params }) =>
    batch.members.some((_, r) => {
      const credit = batch.credit(method, params).credit(r);
      return credit.status === "unavailable" || credit.flags.length > 0;
    }),
  );
}
