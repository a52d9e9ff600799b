import { readdir, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import { curveGlobs } from "../core/curve/registry.ts";
import { formats } from "../core/format/registry.ts";
import { UserError } from "../protocol/userError.ts";
import { readError } from "./fileSource.ts";

/** Files of a root that are worth sniffing, in the order a person would list them, and what could not be looked at. */
export interface Candidates {
  readonly isFolder: boolean;
  readonly files: readonly string[];
  readonly refused: readonly { readonly path: string; readonly message: string }[];
}

/** More files than any run has; beyond it the folder is surely the wrong one. */
const mostFiles = 100_000;
/** Folders with a dot before their name that frameworks put their logs in: ART's. */
const shownFolders = new Set([".art"]);
const skippedFolders = new Set(["node_modules", "__pycache__"]);
const extensions = new Set(formats.flatMap((format) => format.extensions));
/** Files that make a run: rollouts, and what stands beside them. */
export const watchedGlob = `**/{${[...new Set([...[...extensions].map((extension) => `*${extension}`), ...curveGlobs])].join(",")}}`;
const inOrder = new Intl.Collator("en", { numeric: true });

/** Names of files that may hold rollouts. */
function isRolloutName(name: string): boolean {
  return extensions.has(extensionOf(name));
}

export interface DiscoverOptions {
  /** Names (without folder) that are worth sniffing; default: those of rollout files. */
  readonly takes?: (name: string) => boolean;
  /** Folders below the root that are looked into: 0 = the root's own files. Default: all. */
  readonly depth?: number;
  readonly signal?: AbortSignal;
}

/** @throws UserError when the root itself is not there, or the signal gave up. */
export async function discover(root: string, options: DiscoverOptions = {}): Promise<Candidates> {
  const info = await stat(root).catch((error: unknown) => {
    throw readError(root, error);
  });
  if (!info.isDirectory()) return { isFolder: false, files: [root], refused: [] };
  const files: string[] = [];
  const refused: { path: string; message: string }[] = [];
  const { takes = isRolloutName, depth = Infinity, signal } = options;
  await walk(root, { files, refused, seen: new Set(), takes, signal }, depth);
  if (signal?.aborted === true) throw new UserError("cancelled", "Cancelled");
  return { isFolder: true, files, refused };
}

interface Walk {
  readonly files: string[];
  readonly refused: { path: string; message: string }[];
  /** Real paths of the folders on the way, so that a loop of links ends. */
  readonly seen: Set<string>;
  readonly takes: (name: string) => boolean;
  readonly signal: AbortSignal | undefined;
}

async function walk(folder: string, found: Walk, depth: number): Promise<void> {
  try {
    const real = await realpath(folder);
    if (found.seen.has(real)) return;
    found.seen.add(real);
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => inOrder.compare(a.name, b.name));
    for (const entry of entries) {
      if (found.files.length >= mostFiles || found.signal?.aborted === true) return;
      if ((entry.name.startsWith(".") && !shownFolders.has(entry.name)) || skippedFolders.has(entry.name))
        continue;
      const path = within(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
      if (kind?.isDirectory() === true) {
        if (depth > 0) await walk(path, found, depth - 1);
      } else if (kind?.isFile() === true && found.takes(entry.name)) found.files.push(path);
    }
  } catch (error) {
    found.refused.push({ path: folder, message: readError(folder, error).what });
  }
}

/** Paths stay as they were given (`./runs`, not `runs`): ids on the command line are made of them. */
function within(folder: string, name: string): string {
  return folder.endsWith("/") || folder.endsWith(sep) ? folder + name : folder + sep + name;
}

function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot).toLowerCase();
}
