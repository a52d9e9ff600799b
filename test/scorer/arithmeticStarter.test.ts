import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ModelManifest } from "../../src/core/head/modelManifest.ts";
import { OnnxModel } from "../../src/scorer/onnxModel.ts";
import { SequenceBuilder } from "../../src/scorer/sequence.ts";
import { ModelTokenizer } from "../../src/scorer/tokenizer/modelTokenizer.ts";
import { readManifest } from "../../src/scorerClient/modelFolder.ts";
import { bundledModel } from "./program.ts";

/** What PyTorch computed for the bundled model when it was exported (tools/prm/fixtures.py). */
interface Fixture {
  readonly problem: string;
  readonly steps: readonly string[];
  readonly ids: readonly number[];
  /** At every position, one number a label. */
  readonly logits: readonly (readonly number[])[];
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const file = new URL("../fixtures/arithmetic-starter.json", import.meta.url);
const read = json(file.pathname) as { readonly sequences?: readonly Fixture[] } | readonly Fixture[];
const fixtures = (
  Array.isArray(read) ? read : (read as { sequences: readonly Fixture[] }).sequences
) as readonly Fixture[];

let manifest: ModelManifest;
let model: OnnxModel;
beforeAll(async () => {
  manifest = await readManifest(bundledModel);
  model = await OnnxModel.load(join(bundledModel, "model.onnx"), manifest, { device: "cpu", threads: 1 });
});

describe("the bundled model", () => {
  test("comes with its card and fits its fixtures", () => {
    expect(existsSync(join(bundledModel, "MODEL_CARD.md"))).toBe(true);
    expect(fixtures.length).toBeGreaterThanOrEqual(8);
  });

  test("is fed with the ids it was trained on", () => {
    const tokenizer = new ModelTokenizer(
      json(join(bundledModel, "tokenizer.json")) as Record<string, unknown>,
      json(join(bundledModel, "config.json")) as Record<string, unknown>,
    );
    const builder = new SequenceBuilder(manifest, tokenizer);
    for (const { problem, steps, ids } of fixtures) {
      const built = builder.build({ prompt: problem, parts: steps.map((text) => ({ kind: "step", text })) });
      expect([...built.before, ...built.ids]).toEqual(ids);
    }
  });

  test("gives the numbers that PyTorch gives, alone and in a padded batch", async () => {
    let largest = 0;
    for (const { ids, logits } of fixtures) {
      const { data, labels } = await model.run(BigInt64Array.from(ids, BigInt), [ids.length], ids.length);
      expect(labels).toBe(2);
      logits.forEach((row, t) =>
        row.forEach((x, label) => (largest = Math.max(largest, Math.abs(x - data[t * labels + label]!)))),
      );
    }
    expect(largest).toBeLessThan(1e-4);
    const some = fixtures.filter(({ ids }) => ids.length < 300);
    const width = Math.max(...some.map(({ ids }) => ids.length));
    const padded = new BigInt64Array(some.length * width);
    some.forEach(({ ids }, r) => ids.forEach((id, t) => (padded[r * width + t] = BigInt(id))));
    const { data, labels } = await model.run(
      padded,
      some.map(({ ids }) => ids.length),
      width,
    );
    some.forEach(({ logits }, r) =>
      logits.forEach((row, t) =>
        row.forEach(
          (x, label) => (largest = Math.max(largest, Math.abs(x - data[(r * width + t) * labels + label]!))),
        ),
      ),
    );
    expect(largest).toBeLessThan(1e-4);
  });
});
