import { expect, test } from "vitest";
import { sameRuns } from "../../../src/core/curve/sameRun.ts";
import type { Series } from "../../../src/core/curve/series.ts";

function series(run: string, name: string, values: readonly number[]): Series {
  const steps = Float64Array.from(values, (_, i) => i);
  return { run, name, steps, values: Float64Array.from(values), wallTimes: null };
}

test("a run that was logged twice is one, though each log has metrics of its own", () => {
  const runs = sameRuns([
    series("a", "reward", [0.1, 0.2]),
    series("a", "only json", [1, 2]),
    series("events", "reward", [0.1, 0.2].map(Math.fround)),
    series("events", "only events", [3, 4]),
  ]);
  expect([...runs]).toEqual([
    ["a", "a"],
    ["events", "a"],
  ]);
});

test("runs that share a constant, or differ in one metric, are two", () => {
  expect(
    sameRuns([series("a", "lr", [1, 1]), series("b", "lr", [1, 1]), series("c", "loss", [1, 2])]).get("b"),
  ).toBe("b");
  const differ = sameRuns([
    series("a", "reward", [1, 2]),
    series("a", "loss", [1, 2]),
    series("b", "reward", [1, 2]),
    series("b", "loss", [1, 3]),
  ]);
  expect(differ.get("b")).toBe("b");
});
