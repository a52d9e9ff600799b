import type { Batch } from "../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../src/core/credit/engine.ts";
import { positionsOf } from "../../src/core/rollout/positions.ts";
import type { Adapter, OutputLane } from "./adapter.ts";
import { agrees, type GoldenCase, rowsOf, tolerances } from "./golden.ts";

/** What does not agree in one case; empty = it passes. */
export function checkCase(adapter: Adapter, golden: GoldenCase, dtype: string): readonly string[] {
  const lanes = adapter.lanes(golden.inputs);
  const batchFor = (output: string): Batch => makeBatch(adapter.members(golden.inputs, output));
  if ("error" in golden.outputs) {
    return refuses(batchFor("error"), Object.values(lanes))
      ? []
      : ["the official code raises an error; no flag here"];
  }
  const tolerance = tolerances[dtype] ?? 1e-6;
  return Object.entries(golden.outputs).flatMap(([key, value]) => {
    const lane = lanes[key];
    if (lane === undefined) return [`output "${key}" has no lane`];
    const batch = batchFor(key);
    return rowsOf(value).flatMap((expected, r) => {
      const actual = laneOf(batch, lane, r);
      const unlike = expected.findIndex((b, t) => !agrees(actual[t]!, b, tolerance));
      if (expected.length === actual.length && unlike < 0) return [];
      return [`${key}[${r}][${unlike}]: ${actual[unlike]} instead of ${expected[unlike]}`];
    });
  });
}

function laneOf(batch: Batch, { method, params, lane, shape }: OutputLane, r: number): Float64Array {
  const values = batch.credit(method, params).lane(r, lane);
  if (shape !== "positions") return values;
  const { n, mask } = positionsOf(batch.members[r]!.trajectory);
  return values.length === n && lane !== "credit" ? values : spread(values, mask, n);
}

/** A rollout's number at every token, times the mask; a token lane as it is. */
function spread(values: Float64Array, mask: Uint8Array, n: number): Float64Array {
  if (values.length === n && n !== 1) return values;
  return Float64Array.from({ length: n }, (_, t) => values[0]! * mask[t]!);
}

function refuses(batch: Batch, lanes: readonly OutputLane[]): boolean {
  return lanes.every(({ method, params }) =>
    batch.members.some((_, r) => {
      const credit = batch.credit(method, params).credit(r);
      return credit.status === "unavailable" || credit.flags.length > 0;
    }),
  );
}
