import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { manifestFile, type ModelManifest } from "../core/head/modelManifest.ts";
import type { ModelFiles } from "../protocol/scorer.ts";
import { problemOf } from "../protocol/modelDescription.ts";
import { UserError } from "../protocol/userError.ts";
import { checkFiles } from "./checkFiles.ts";
import { describeModel } from "./describeModel.ts";

/** A model's folder that was looked at: its manifest, its files, and a digest of all that decides its scores. */
export interface ModelFolder {
  /** The path it is called by: a folder, or one of several graphs in it. */
  readonly folder: string;
  readonly files: ModelFiles;
  /** 32 hexadecimal digits; equal digests give equal scores. */
  readonly digest: string;
  /** By what it is known again without reading its files. */
  readonly mark: ModelMark;
}

/** What a model's files looked like when they were read. */
export interface ModelMark {
  /** The graph's. */
  readonly model: string;
  readonly tokenizer: string;
  /** All files that were read. */
  readonly paths: readonly string[];
  /** Their sizes and times, and the manifest. */
  readonly stamp: string;
}

/** Part of every digest: a change of how texts are cut or read out makes old scores worthless. */
const scoringVersion = "scoring 3";

/** @throws UserError that names the file that is missing or wrong, and what to do */
export async function readModelFolder(path: string): Promise<ModelFolder> {
  const description = await describeModel(path);
  const { place, manifest } = description;
  if (manifest === null) throw new UserError("model/manifest", problemOf(description));
  const { folder } = place;
  const file = (name: string): string => join(folder, name);
  const files = {
    manifest,
    model: file(manifest.files.model),
    tokenizer: file(manifest.files.tokenizer),
    config: file("config.json"),
    reference: manifest.files.reference === null ? null : file(manifest.files.reference),
  };
  const { digest, bytes, paths, stamp } = await knownOf(folder, files);
  const { model, tokenizer } = files;
  const mark = { model, tokenizer, paths, stamp: markOf(manifest, stamp) };
  return { folder: place.path, files: { ...files, bytes }, digest, mark };
}

/** Whether a model with this manifest is still as it was when the mark was made. */
export async function isUnchanged(mark: ModelMark, manifest: ModelManifest): Promise<boolean> {
  return mark.stamp === markOf(manifest, await stampOf(mark.tokenizer, mark.paths));
}

function markOf(manifest: ModelManifest, stamp: string): string {
  const hash = createHash("sha256").update(scoringVersion).update(JSON.stringify(manifest)).update(stamp);
  return hash.digest("hex").slice(0, 32);
}

/** Reads what describes a model alone: enough to list it. @throws UserError */
export async function readManifest(path: string): Promise<ModelManifest> {
  const description = await describeModel(path);
  if (description.manifest === null) throw new UserError("model/manifest", problemOf(description));
  return description.manifest;
}

/** Folders below `folder` that look like a model's; what is wrong with one is told when it is chosen. */
export async function modelFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(path)));
    // `onnx` holds the graphs of the folder it lies in.
    if (isFolder && entry.name !== "onnx" && (await looksLikeModel(path))) found.push(path);
  }
  return found.toSorted();
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

async function looksLikeModel(folder: string): Promise<boolean> {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  if (names.includes(manifestFile)) return true;
  if (!names.includes("config.json")) return false;
  return names.some((name) => name.endsWith(".onnx")) || names.includes("onnx");
}

/** Files beside a tokenizer that tell how it is used, and what a conversation looks like. */
async function templatesIn(tokenizer: string): Promise<readonly string[]> {
  const folder = dirname(tokenizer);
  const names: readonly string[] = await readdir(folder).catch(() => []);
  return ["chat_template.jinja", "tokenizer_config.json"]
    .filter((name) => names.includes(name))
    .map((name) => join(folder, name));
}

/** What is known of a model while none of its files changes: a large one takes a while to read. */
interface Known {
  readonly paths: readonly string[];
  readonly stamp: string;
  readonly digest: string;
  /** Of the graphs and the weights beside them. */
  readonly bytes: number;
}
const known = new Map<string, Known>();

/** What the files are made of; where they are new they are checked first. */
async function knownOf(folder: string, { manifest, ...files }: Omit<ModelFiles, "bytes">): Promise<Known> {
  const { model, tokenizer, config, reference } = files;
  const own = JSON.stringify(manifest);
  const key = `${model}\n${own}`;
  const before = known.get(key);
  if (before !== undefined && before.stamp === (await stampOf(tokenizer, before.paths))) return before;
  const external = await checkFiles(folder, manifest);
  const beside = external.map((name) => join(folder, name));
  const weights = [model, ...(reference === null ? [] : [reference]), ...beside];
  const paths = [model, tokenizer, config, ...weights.slice(1)];
  const stamp = await stampOf(tokenizer, paths);
  const hash = createHash("sha256").update(scoringVersion).update(own);
  for (const path of [...paths, ...(await templatesIn(tokenizer))]) {
    hash.update("\0file\0");
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Uint8Array);
  }
  const digest = hash.digest("hex").slice(0, 32);
  const sizes = await Promise.all(weights.map(async (path) => (await stat(path)).size));
  const found = { paths, stamp, digest, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  known.set(key, found);
  return found;
}

/** Changes when one of the files does, and when a chat template comes or goes. */
async function stampOf(tokenizer: string, paths: readonly string[]): Promise<string> {
  const all = [...paths, ...(await templatesIn(tokenizer))];
  const stamps = all.map(async (path) => {
    const found = await stat(path).catch(() => null);
    return found === null ? `${path} gone` : `${path} ${found.size} ${found.mtimeMs} ${found.ino}`;
  });
  return (await Promise.all(stamps)).join("\n");
}
