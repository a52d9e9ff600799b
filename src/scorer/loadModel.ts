import { readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { isRecord } from "../core/format/isRecord.ts";
import type { Device, LoadOptions, ModelFiles } from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import { chooseDevice } from "./chooseDevice.ts";
import type { OutputName } from "../core/head/head.ts";
import { headOf } from "../core/head/registry.ts";
import { OnnxModel } from "./onnxModel.ts";
import { ReadyModel } from "./readyModel.ts";
import { openRuntime } from "./runtime/openRuntime.ts";
import { ModelError } from "./runtime/runtime.ts";
import { ScoringModel } from "./scoringModel.ts";
import { readChatTemplate } from "./template/readChatTemplate.ts";
import { TemplateError } from "./template/chatTemplate.ts";
import { ModelTokenizer, TokenizerError } from "./tokenizer/modelTokenizer.ts";

type Json = Readonly<Record<string, unknown>>;

/** Bytes up to which a model stays on the CPU beside the GPU. */
const smallBytes = 200 * 2 ** 20;

/**
 * Loads a model on the device that is asked for, or on the one that suits.
 * @throws UserError that names the file and what to do
 */
export async function loadModel(files: ModelFiles, options: LoadOptions): Promise<ReadyModel> {
  const tokenizerConfig = await readTokenizerConfig(files);
  const tokenizer = await readTokenizer(files, tokenizerConfig);
  const config = await readJson(files.config);
  const chat = await readChatTemplate(files, tokenizerConfig).catch((error: unknown) => {
    throw inWords(error, files);
  });
  const padId = typeof config["pad_token_id"] === "number" ? config["pad_token_id"] : 0;
  const { manifest, bytes } = files;
  const threads = threadsFor(options);
  const engine = await openRuntime(threads);
  const names = headOf(manifest.head)!.outputs(manifest);
  const named = async (path: string, model: OutputName["model"], device: Device): Promise<OnnxModel> => {
    const own = names.filter((name) => name.model === model);
    return new OnnxModel(await engine.load(path, { device, threads }), manifest.inputs, own);
  };
  const on = async (device: Device): Promise<ScoringModel> => {
    const main = await named(files.model, "main", device);
    const reference = files.reference === null ? null : await named(files.reference, "reference", device);
    return new ScoringModel({ manifest, tokenizer, chat, main, reference, padId, device, bytes });
  };
  try {
    const { model, device, note, selfCheck, cpu } = await chooseDevice(options.device, { engine, on });
    const told = { device, note, selfCheck, maxTokens: manifest.limits.maxTokens };
    const keepsCpu = bytes < smallBytes;
    return new ReadyModel(model, told, { cpu, isForced: options.device !== "auto", keepsCpu });
  } catch (error) {
    throw inWords(error, files);
  }
}

/** Threads of one run on the CPU: those that are asked for, or all cores but one, eight at most. */
export function threadsFor({ threads }: Pick<LoadOptions, "threads">): number {
  return threads > 0 ? threads : Math.max(1, Math.min(8, availableParallelism() - 1));
}

/** tokenizer_config.json beside the tokenizer; empty where there is none. */
async function readTokenizerConfig({ tokenizer }: ModelFiles): Promise<Json> {
  const path = join(dirname(tokenizer), "tokenizer_config.json");
  const isThere = await stat(path).catch((error: NodeJS.ErrnoException) => error.code !== "ENOENT");
  return isThere === false ? {} : readJson(path);
}

async function readTokenizer({ tokenizer }: ModelFiles, config: Json): Promise<ModelTokenizer> {
  const json = await readJson(tokenizer);
  try {
    return new ModelTokenizer(json, config);
  } catch (error) {
    const why = error instanceof TokenizerError ? error.message : `cannot be used (${String(error)})`;
    throw new UserError(
      "scorer/tokenizer",
      `${tokenizer}: ${why}. Take the tokenizer.json the model was trained with.`,
    );
  }
}

/** @throws UserError when the file cannot be read or is no JSON object */
async function readJson(path: string): Promise<Json> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "is missing" : `cannot be read (${error.code})`;
    throw new UserError("scorer/file", `${path}: ${why}. A model's folder holds it beside model.onnx.`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below, as for any other value that is no object.
  }
  throw new UserError(
    "scorer/file",
    `${path}: is not a JSON object. Copy ${basename(path)} from the model again.`,
  );
}

/** @returns the error to show: what is wrong with which file, and what to do */
export function inWords(error: unknown, { model, tokenizer }: ModelFiles): unknown {
  if (error instanceof ModelError)
    return new UserError(
      "scorer/model",
      `${model}: ${error.message}. Copy the file again, or correct rewardlens.model.json beside it.`,
    );
  if (error instanceof TokenizerError)
    return new UserError(
      "scorer/tokenizer",
      `${tokenizer}: ${error.message}. Correct rewardlens.model.json beside it, or take the model's own tokenizer.json.`,
    );
  if (error instanceof TemplateError)
    return new UserError(
      "scorer/template",
      `${model}: its chat template ${error.message}. Correct "template" in rewardlens.model.json beside it.`,
    );
  return error;
}
