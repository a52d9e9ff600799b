import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../core/format/isRecord.ts";
import { type FolderFacts, stepMarks } from "../core/head/folderFacts.ts";
import { sequenceEnds } from "../core/head/sequenceEnds.ts";
import type { ModelPlace } from "../protocol/modelDescription.ts";
import { UserError } from "../protocol/userError.ts";
import { fileInside } from "./modelPlace.ts";
import { type OnnxHeader, OnnxFileError, readOnnxHeader } from "./onnxHeader.ts";

type Json = Readonly<Record<string, unknown>>;

/** Files beside a model that are not worth more than this. */
const largestJson = 256 << 20;

/** What a folder says of its model. @throws UserError that names the file that is wrong */
export async function readFacts(place: ModelPlace): Promise<FolderFacts> {
  const { folder, models, name } = place;
  const [model] = place.wanted === null ? models : [place.wanted];
  if (model === undefined) throw await withoutGraph(place);
  const { inputs, outputs } = await headerOf(folder, model);
  const tokenizerConfig = (await optionalJson(folder, "tokenizer_config.json")) ?? {};
  const tokenizer = (await optionalJson(folder, "tokenizer.json")) ?? {};
  return {
    name,
    model,
    models,
    inputs,
    outputs,
    config: (await optionalJson(folder, "config.json")) ?? {},
    tokenizerConfig,
    chatTemplate: await chatTemplateOf(folder, tokenizerConfig),
    ends: sequenceEnds(tokenizer["post_processor"], tokenizerConfig),
    marks: marksOf(tokenizer),
  };
}

/** @throws UserError where a graph is no ONNX model */
export async function headerOf(folder: string, model: string): Promise<OnnxHeader> {
  const path = await fileInside(folder, model);
  try {
    return readOnnxHeader(path);
  } catch (error) {
    if (!(error instanceof OnnxFileError)) throw error;
    throw new UserError(
      "model/onnx",
      (await beginningOf(path)).startsWith("version https://git-lfs")
        ? `${path}: is a pointer of Git LFS, not the model. Run “git lfs pull” in its repository.`
        : `${path}: ${error.message}. Copy the file again.`,
    );
  }
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function withoutGraph({ folder }: ModelPlace): Promise<UserError> {
  const has = async (name: string): Promise<boolean> =>
    (await stat(join(folder, name)).catch(() => null)) !== null;
  for (const name of ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"])
    if (await has(name))
      return new UserError(
        "model/file",
        `${folder}: holds weights of PyTorch (${name}) and no ONNX model. Export them: docs/models.md says how.`,
      );
  return new UserError("model/file", `${folder}: holds no .onnx file. Choose a model's folder.`);
}

/** An object of a JSON file in a model's folder; null where there is no such file. @throws UserError where it is none */
export async function optionalJson(folder: string, name: string): Promise<Json | null> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  await fileInside(folder, name);
  if (found.size > largestJson)
    throw new UserError("model/file", `${path}: is too large to be what it is called.`);
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (isRecord(value)) return value;
  } catch {
    // Said below, as for any other value that is no object.
  }
  throw new UserError("model/file", `${path}: is not a JSON object. Copy ${name} from the model again.`);
}

async function chatTemplateOf(folder: string, config: Json): Promise<string | null> {
  const own = await readFile(join(folder, "chat_template.jinja"), "utf8").catch(() => null);
  if (own !== null) return own;
  const template = config["chat_template"];
  if (typeof template === "string") return template;
  const named = Array.isArray(template) ? template.filter(isRecord) : [];
  const chosen = named.find(({ name }) => name === "default") ?? named[0];
  return typeof chosen?.["template"] === "string" ? chosen["template"] : null;
}

function marksOf(tokenizer: Json): readonly string[] {
  const added = Array.isArray(tokenizer["added_tokens"]) ? tokenizer["added_tokens"].filter(isRecord) : [];
  const names = new Set(added.map(({ content }) => content));
  const vocabulary = isRecord(tokenizer["model"]) ? tokenizer["model"]["vocab"] : undefined;
  const isWord = (name: string): boolean => isRecord(vocabulary) && Object.hasOwn(vocabulary, name);
  return stepMarks.filter((mark) => names.has(mark) || isWord(mark));
}
