import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { adapters } from "./adapters/registry.ts";
import { checkCase } from "./check.ts";
import type { Golden, GoldenCase } from "./golden.ts";

for (const adapter of adapters) {
  const golden = JSON.parse(
    readFileSync(new URL(`golden/${adapter.file}.json`, import.meta.url), "utf8"),
  ) as Golden;
  describe(`${adapter.file} agrees with the official implementation`, () => {
    for (const one of golden.cases) {
      test(one.name, () => {
        expect(checkCase(adapter, one, golden.dtype)).toEqual([]);
      });
    }
  });
}

test("a wrong number would be noticed", () => {
  const golden = JSON.parse(readFileSync(new URL("golden/gae.json", import.meta.url), "utf8")) as Golden;
  const [first] = golden.cases;
  const [row, ...others] = first!.outputs["returns"] as number[][];
  const outputs = { ...first!.outputs, returns: [row!.map((x) => x + 1e-5), ...others] };
  expect(
    checkCase(
      adapters.find(({ file }) => file === "gae")!,
      { ...first!, outputs },
      "float64",
    ),
  ).not.toEqual([]);
});

test("a case that cannot be read fails alone, and what is refused agrees with an error", () => {
  const adapter = adapters.find(({ file }) => file === "rulereasoner_weights")!;
  const inputs = {
    buffer: [],
    reward_buffer_size: 3,
    tau: 0.3,
    epsilon: 0,
    target_reward_base: 1,
    decay: "linear",
  };
  const check = (outputs: GoldenCase["outputs"]) =>
    checkCase(adapter, { name: "", inputs, outputs }, "float64");
  expect(check({ weights: {} })).toEqual(['refused: RangeError: no decay "linear"']);
  expect(check({ error: "AssertionError" })).toEqual([]);
});
