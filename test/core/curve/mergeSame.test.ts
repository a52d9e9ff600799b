import { expect, test } from "vitest";
import { mergeSame } from "../../../src/core/curve/mergeSame.ts";

function series(
  file: string,
  values: readonly number[],
  name = "reward",
): Parameters<typeof mergeSame>[0][0] {
  const steps = Float64Array.from(values, (_, i) => i);
  return { run: "a", name, file, steps, values: Float64Array.from(values), wallTimes: null };
}

test("a curve that two files hold up to float32 rounding is one, and the exact one is kept", () => {
  const exact = series("metrics.jsonl", [0.1, NaN, 0.3]);
  const rounded = series("events.out", [0.1, NaN, 0.3].map(Math.fround));
  const [only, ...others] = mergeSame([rounded, exact]);
  expect(others).toEqual([]);
  expect(only).toEqual({ series: exact, files: ["events.out", "metrics.jsonl"] });
});

test("curves that differ in a value, a step or the name stay apart", () => {
  const base = series("a", [1, 2]);
  expect(mergeSame([base, series("b", [1, 2.001])])).toHaveLength(2);
  expect(mergeSame([base, series("b", [1, 2, 3])])).toHaveLength(2);
  expect(mergeSame([base, series("b", [1, 2], "loss")])).toHaveLength(2);
});
