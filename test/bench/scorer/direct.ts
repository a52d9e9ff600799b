import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scorerOf } from "../../../src/core/head/scorer.ts";
import { scoreTextOf } from "../../../src/core/head/scoreText.ts";
import { batchInput } from "../../../src/scorer/batchInput.ts";
import { PastInputs } from "../../../src/scorer/pastInputs.ts";
import { loadNative } from "../../../src/scorer/runtime/nativeRuntime.ts";
import type { Feed, Runtime } from "../../../src/scorer/runtime/runtime.ts";
import { runSizeOf } from "../../../src/scorer/runSize.ts";
import { SequenceBuilder } from "../../../src/scorer/sequenceBuilder.ts";
import { ModelTokenizer } from "../../../src/scorer/tokenizer/modelTokenizer.ts";
import { batchesOf, type Window, windowsOf } from "../../../src/scorer/windows.ts";
import { readModelFolder } from "../../../src/scorerClient/modelFolder.ts";
import type { Device } from "../../../src/protocol/scorer.ts";
import { loadTrajectories } from "../../../src/store/loadTrajectories.ts";
import type { Member } from "../../../src/store/runBatch.ts";
import type { BenchModel } from "./benchModel.ts";

/** Tokens and the seconds they took. */
export interface Speed {
  readonly tokens: number;
  readonly seconds: number;
}

export interface DirectOptions {
  readonly threads: number;
  /** Default: the CPU. */
  readonly device?: Device;
  /** Each text by itself, in the log's order; else batches of like length, those that the scorer makes of them all. */
  readonly isOneByOne?: boolean;
}

/** A loop over runs that are all prepared. */
export interface Loop {
  run(): Promise<Speed>;
  release(): Promise<void>;
  /** Lengths of the texts of each run. */
  readonly lengths: readonly (readonly number[])[];
}

/** onnxruntime-node called in a plain loop: ids, padding and batches are made beforehand, and only `run` is timed. */
export async function direct(
  model: BenchModel,
  members: readonly Member[],
  { threads, device = "cpu", isOneByOne = false }: DirectOptions,
): Promise<Loop> {
  const folder = await readModelFolder(model.folder);
  const { manifest } = folder.files;
  const json = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(model.folder, name), "utf8")) as Record<string, unknown>;
  const tokenizer = new ModelTokenizer(json("tokenizer.json"), json("config.json"));
  const builder = new SequenceBuilder(manifest, tokenizer, null);
  const scorer = scorerOf(manifest);
  const windows = (await loadTrajectories(members)).flatMap(({ trajectory }, i) =>
    windowsOf(i, builder.build(scoreTextOf(trajectory, scorer, undefined).item), manifest.limits.maxTokens),
  );
  const runtime = await loadNative(join(model.folder, "model.onnx"), { device, threads });
  const batches = isOneByOne
    ? windows.map((window) => [window])
    : batchesOf(windows, runSizeOf(folder.files.bytes, device));
  const past = manifest.inputs.past === null ? null : new PastInputs(runtime, manifest.inputs.past);
  const feeds = batches.map((batch) => feedsOf(batch, manifest.inputs, past));
  const tokens = windows.reduce((sum, { length }) => sum + length, 0);
  return {
    run: () => timed(runtime, feeds, manifest.output.name, tokens),
    release: () => runtime.release(),
    lengths: batches.map((batch) => batch.map(({ length }) => length)),
  };
}

function feedsOf(
  batch: readonly Window[],
  inputs: { readonly ids: string; readonly mask: string | null; readonly positions: string | null },
  past: PastInputs | null,
): Map<string, Feed> {
  const { ids, lengths, width } = batchInput(batch, 0);
  const feeds = past?.empty(batch.length) ?? new Map<string, Feed>();
  const feed = (name: string | null, data: BigInt64Array): void => {
    if (name !== null) feeds.set(name, { type: "int64", data, dims: [batch.length, width] });
  };
  feed(inputs.ids, ids);
  feed(
    inputs.mask,
    BigInt64Array.from(ids, (_, i) => (i % width < lengths[Math.floor(i / width)]! ? 1n : 0n)),
  );
  feed(
    inputs.positions,
    BigInt64Array.from(ids, (_, i) => BigInt(i % width)),
  );
  return feeds;
}

async function timed(
  runtime: Runtime,
  feeds: readonly Map<string, Feed>[],
  output: string,
  tokens: number,
): Promise<Speed> {
  const started = performance.now();
  for (const each of feeds) await runtime.run(each, [output]);
  return { tokens, seconds: (performance.now() - started) / 1000 };
}

/** Operations a second of a product of matrices as onnxruntime computes it with one thread, shaped like a run's. */
export async function matrixRate(): Promise<() => Promise<number>> {
  const file = fileURLToPath(new URL("../../fixtures/matmul/matmul.onnx", import.meta.url));
  const runtime = await loadNative(file, { device: "cpu", threads: 1 });
  const [rows, inner, columns] = [2048, 512, 2304];
  const matrix = (n: number, m: number): Feed => ({
    type: "float32",
    data: Float32Array.from({ length: n * m }, (_, i) => Math.sin(i)),
    dims: [n, m],
  });
  const feeds = new Map([
    ["a", matrix(rows, inner)],
    ["b", matrix(inner, columns)],
  ]);
  const times = 20;
  return async () => {
    const started = performance.now();
    for (let k = 0; k < times; k++) await runtime.run(feeds, ["most"]);
    return (times * 2 * rows * inner * columns) / ((performance.now() - started) / 1000);
  };
}
