import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../core/format/isRecord.ts";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import { UserError } from "../protocol/userError.ts";
import { headerOf, optionalJson } from "./folderFacts.ts";
import { fileInside } from "./modelPlace.ts";

/**
 * Looks at all files a model is made of before it is loaded: they are there, lie in its folder, and fit together.
 * @returns files that hold weights outside the graphs, as paths inside the folder
 * @throws UserError that names the file and what to do
 */
export async function checkFiles(folder: string, manifest: ModelManifest): Promise<readonly string[]> {
  const { files } = manifest;
  const external = new Set<string>();
  for (const graph of [files.model, ...(files.reference === null ? [] : [files.reference])])
    for (const path of await checkGraph(folder, graph, manifest)) external.add(path);
  await checkTokenizerFile(folder, files.tokenizer);
  await fileInside(folder, "config.json");
  await checkBesideTokenizer(folder, files.tokenizer);
  await checkVocabulary(folder, manifest);
  return [...external].toSorted();
}

async function checkGraph(
  folder: string,
  graph: string,
  { output }: ModelManifest,
): Promise<readonly string[]> {
  const { outputs, external } = await headerOf(folder, graph);
  const path = join(folder, graph);
  const named = outputs.find(({ name }) => name === output.name);
  if (named?.type === "bfloat16")
    throw new UserError(
      "model/type",
      `${path}: its output "${named.name}" is bfloat16, which the runtime cannot hand over. Export the model in float32, or with a Cast to float behind that output.`,
    );
  const inside = graph.slice(0, graph.lastIndexOf("/") + 1);
  for (const location of external) await checkExternal(folder, inside, location, path);
  return external.map((location) => inside + location);
}

/** Weights beside a graph: a name that leads out of the folder is a mistake, or an attack. */
async function checkExternal(folder: string, inside: string, location: string, path: string): Promise<void> {
  const parts = location.split(/[\\/]/);
  if (location === "" || /^(?:[\\/]|[A-Za-z]:)/.test(location) || parts.includes(".."))
    throw new UserError(
      "model/external",
      `${path}: wants weights from ${JSON.stringify(location)}, outside the model's folder. Save the model again with its weights beside it.`,
    );
  await fileInside(folder, inside + location).catch((error: unknown) => {
    if (!(error instanceof UserError) || error.code !== "model/file") throw error;
    throw new UserError(
      "model/external",
      `${join(folder, inside + location)}: is missing; ${path} holds its weights there. Put it beside the model.`,
    );
  });
}

async function checkTokenizerFile(folder: string, tokenizer: string): Promise<void> {
  const names = await readdir(folder);
  const slow = ["tokenizer.model", "spiece.model", "vocab.json", "vocab.txt"].find((name) =>
    names.includes(name),
  );
  if (!names.includes(tokenizer) && !tokenizer.includes("/") && slow !== undefined)
    throw new UserError(
      "model/file",
      `${join(folder, tokenizer)}: is missing; there is only ${slow}. Save the tokenizer as a fast one: AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(…).`,
    );
  await fileInside(folder, tokenizer);
}

/** What may lie beside a tokenizer and decides what a model is fed with. */
async function checkBesideTokenizer(folder: string, tokenizer: string): Promise<void> {
  const inside = tokenizer.slice(0, tokenizer.lastIndexOf("/") + 1);
  const names = await readdir(join(folder, inside));
  if (names.includes("chat_template.jinja")) await fileInside(folder, `${inside}chat_template.jinja`);
  await optionalJson(folder, `${inside}tokenizer_config.json`);
}

/**
 * Ids of the text's words must be rows of the model's table: a larger vocabulary is another model's. Added tokens beyond
 * the table are common, and only wrong where the layout names one.
 */
async function checkVocabulary(folder: string, manifest: ModelManifest): Promise<void> {
  const { files } = manifest;
  const config = await optionalJson(folder, "config.json");
  const size = config?.["vocab_size"] ?? (await headerOf(folder, files.model)).vocabulary;
  const tokenizer = await optionalJson(folder, files.tokenizer);
  if (typeof size !== "number" || tokenizer === null) return;
  const model = isRecord(tokenizer["model"]) ? tokenizer["model"] : {};
  const added = Array.isArray(tokenizer["added_tokens"]) ? tokenizer["added_tokens"].filter(isRecord) : [];
  const words = wordCount(model["vocab"], new Set(added.map(({ id }) => id)));
  const path = join(folder, files.tokenizer);
  const remedy = "Take the tokenizer.json the model was trained with.";
  if (words > size)
    throw new UserError(
      "model/vocabulary",
      `${path}: has ids up to ${words - 1}, and the model knows ${size}: it is another model's. ${remedy}`,
    );
  for (const { content, id } of added)
    if (typeof id === "number" && id >= size && namesToken(manifest, content))
      throw new UserError(
        "model/vocabulary",
        `${path}: the token ${JSON.stringify(content)} has the id ${id}, and the model knows ${size}. ${remedy}`,
      );
}

/** The largest id of a word and one; added tokens stand in some vocabularies a second time. */
function wordCount(vocabulary: unknown, added: ReadonlySet<unknown>): number {
  if (Array.isArray(vocabulary)) return vocabulary.length;
  if (!isRecord(vocabulary)) return 0;
  let most = 0;
  for (const id of Object.values(vocabulary))
    if (typeof id === "number" && id >= most && !added.has(id)) most = id + 1;
  return most;
}

function namesToken({ template, output }: ModelManifest, name: unknown): boolean {
  const { before, firstStep, eachStep, eachTurn, otherTurn, after } = template;
  const pieces = [before, firstStep, eachStep, eachTurn, otherTurn, after].flatMap((list) => list ?? []);
  const isNamed = pieces.some(
    (piece) => typeof piece === "object" && "token" in piece && piece.token === name,
  );
  return isNamed || output.candidates?.some((candidate) => candidate === name) === true;
}
