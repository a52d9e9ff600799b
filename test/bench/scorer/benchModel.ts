import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../workbench/harness/workspace.ts";
import { type DecoderShape, python } from "./torch.ts";
import { byteLevelVocabulary } from "../../scorer/vocabulary.ts";

/** A model that is measured: its folder, and multiplications and additions of weights that a token takes. */
export interface BenchModel {
  readonly name: string;
  readonly folder: string;
  readonly operations: number;
  /** Texts a process that get all processes started: enough that one alone does not end them before. */
  readonly warming: number;
  /** What it is made of, where PyTorch can make it too. */
  readonly decoder: DecoderShape | null;
}

export const bundled: BenchModel = {
  name: "bundled model",
  folder: join(repository, "media", "models", "arithmetic-starter"),
  // 1.15 million weights, one multiplication and one addition each; the calculator in its graph is not counted.
  operations: 2 * 1.15e6,
  warming: 64,
  decoder: null,
};

/** Of the larger model; with none only the bundled one is measured. */
const layers = Number(process.env["REWARDLENS_BENCH_LAYERS"] ?? 16);
const width = 512;
/** Weights of a layer: queries and the way out, keys and values of half the heads, and the two of 4.5 times the width. */
const weights = layers * (2 * width ** 2 + width ** 2 + 9 * width ** 2);

/**
 * Decoders of 50 million random weights that take and give keys and values, float32 and int8, made on the spot.
 * @returns why there are none where there are none
 */
export function makeDecoders(
  folder: string,
): { readonly float: BenchModel; readonly int8: BenchModel | string } | string {
  if (layers === 0) return "not measured: no layers are asked for";
  const model = (name: string): BenchModel => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "tokenizer.json"), JSON.stringify(byteLevelVocabulary()));
    writeFileSync(join(path, "config.json"), JSON.stringify({ pad_token_id: 0 }));
    const manifest = {
      schema: "rewardlens.model/1",
      id: name,
      head: "valueHead",
      template: { before: ["{prompt}"], eachTurn: ["{content}"] },
      read: { at: "everyToken", shift: -1 },
      output: { name: "values" },
      inputs: { mask: "attention_mask", positions: "position_ids", past: "past_key_values" },
      limits: { maxTokens: 4096 },
    };
    writeFileSync(join(path, "rewardlens.model.json"), JSON.stringify(manifest));
    return {
      name: `${Math.round(weights / 1e6)} M ${name}`,
      folder: path,
      operations: 2 * weights,
      warming: 8,
      decoder: name === "float32" ? { layers, width } : null,
    };
  };
  const float = model("float32");
  const file = join(float.folder, "model.onnx");
  const script = join(repository, "test", "fixtures", "decoder", "make.py");
  const { status } = spawnSync(python, [script, file, String(layers), String(width)], { stdio: "ignore" });
  if (status !== 0 || !existsSync(file)) return "not measured: needs python3-torch";
  if (!existsSync(`${file}.int8`)) return { float, int8: "not measured: needs python3-onnx" };
  const int8 = model("int8");
  renameSync(`${file}.int8`, join(int8.folder, "model.onnx"));
  return { float, int8 };
}
