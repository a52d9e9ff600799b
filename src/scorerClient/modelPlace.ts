import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { ModelPlace } from "../protocol/modelDescription.ts";
import { UserError } from "../protocol/userError.ts";

/** Endings of the names that exporters give to graphs, exact numbers first: what is taken where several are there. */
const variants = [
  "",
  "_fp32",
  "_fp16",
  "_quantized",
  "_int8",
  "_uint8",
  "_q8",
  "_q4",
  "_q4f16",
  "_bnb4",
] as const;
/** Where exporters put graphs: optimum beside the rest, transformers.js into a folder of their own. */
const graphFolders = ["", "onnx"] as const;

/** @throws UserError where there is no such folder or graph */
export async function placeOf(path: string): Promise<ModelPlace> {
  const full = resolve(path);
  const found = await stat(full).catch((error: NodeJS.ErrnoException) => {
    throw new UserError("model/folder", `${path}: ${why(error)}. Choose a model's folder.`);
  });
  if (found.isDirectory()) return describedPlace(full, full, null);
  if (!full.endsWith(".onnx"))
    throw new UserError(
      "model/folder",
      `${path}: is neither a folder nor an ONNX file. Choose a model's folder.`,
    );
  const parent = dirname(full);
  const folder = basename(parent) === "onnx" ? dirname(parent) : parent;
  return describedPlace(full, folder, full.slice(folder.length + 1).replaceAll(sep, "/"));
}

async function describedPlace(path: string, folder: string, wanted: string | null): Promise<ModelPlace> {
  const models: string[] = [];
  for (const inside of graphFolders) {
    const names = await readdir(join(folder, inside)).catch(() => []);
    for (const name of names)
      if (name.endsWith(".onnx")) models.push(inside === "" ? name : `${inside}/${name}`);
  }
  return { path, folder, name: nameOf(folder), wanted, models: models.toSorted(byVariant) };
}

/** Graphs by how exact they are; of equal ones the one that lies beside the rest. */
function byVariant(a: string, b: string): number {
  return rank(a) - rank(b) || a.split("/").length - b.split("/").length || (a < b ? -1 : 1);
}

function rank(path: string): number {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const known = variants.findIndex((variant) => name === `model${variant}.onnx`);
  if (known >= 0) return known;
  return isOfAnotherKind(path) ? 100 : 50;
}

/** A reference model or a head of another kind is not taken for the model itself. */
export function isOfAnotherKind(path: string): boolean {
  return /^ref|_merged|with_past|decoder/.test(path.slice(path.lastIndexOf("/") + 1));
}

/** What a graph that is not the usual one adds to a model's name. */
export function variantOf(path: string): string {
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/\.onnx$/, "")
    .replace(/^model(?=_|$)/, "")
    .replaceAll(/[^\w.-]/g, "-");
}

function nameOf(folder: string): string {
  const cached = /[\\/]models--(?:[^\\/]*?--)?([^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(folder);
  return cached?.[1] ?? basename(folder);
}

/**
 * Where a model's file really lies.
 * @throws UserError where it is missing, or a link that leaves the folder: what is chosen is a folder, and no other file
 *   of the machine. In a cache of Hugging Face files are links to the same repository's blobs.
 */
export async function fileInside(folder: string, path: string): Promise<string> {
  const file = join(folder, path);
  const real = await realpath(file).catch((error: NodeJS.ErrnoException) => {
    throw new UserError("model/file", `${file}: ${why(error)}. ${remedyOf(path)}`);
  });
  const own = await realpath(folder);
  const blobs = /^(.*[\\/]models--[^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(own)?.[1];
  const isInside = [own, ...(blobs === undefined ? [] : [join(blobs, "blobs")])].some((root) =>
    real.startsWith(root + sep),
  );
  if (!isInside)
    throw new UserError(
      "model/link",
      `${file}: is a link that leaves the model's folder, to ${real}. Put the file itself there, or choose the folder it lies in.`,
    );
  if (!(await stat(real)).isFile())
    throw new UserError("model/file", `${file}: is no file. ${remedyOf(path)}`);
  return file;
}

function why({ code }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "is missing";
  return code === "ELOOP" ? "is a link to itself" : `cannot be read (${code})`;
}

function remedyOf(path: string): string {
  return path.endsWith(".json")
    ? "Copy it from the model's repository into the folder."
    : 'Put it there, or correct "files" in rewardlens.model.json beside it.';
}
