import { dirname } from "node:path";
import { isCurveName } from "../../core/curve/registry.ts";
import type { FileIssues } from "../../protocol/store.ts";
import { UserError } from "../../protocol/userError.ts";
import { discover } from "../discover.ts";
import { FileError } from "../fileSource.ts";
import { isUnchanged, type OpenRoot, refusal } from "../openRoot.ts";
import { type CurveFile, type CurveFileOptions, readCurveFile } from "./curveFile.ts";

/** Files that may hold curves of a root: those that do have a format. */
export interface CurveFiles {
  readonly files: readonly CurveFile[];
  readonly refused: readonly FileIssues[];
}

export interface DiscoverCurvesOptions extends CurveFileOptions {
  /** What was read before: files that have not changed are taken from there. */
  readonly before?: CurveFiles | null;
}

/** Folders below a log that are looked into: where trainers put their metrics, and no deeper. */
const depthBeside = 2;

/** Reads the curve files beneath a folder; of a file, itself where it is one, else those beside it. */
export async function discoverCurves(
  opened: Pick<OpenRoot, "root" | "candidates" | "files">,
  { before, ...options }: DiscoverCurvesOptions = {},
): Promise<CurveFiles> {
  const { root, candidates } = opened;
  const known = new Map(before?.files.map((file) => [file.path, file]));
  const read = async (path: string): Promise<CurveFile> => {
    const old = known.get(path);
    return old !== undefined && (await isUnchanged(old)) ? old : readCurveFile(path, options);
  };
  const itself = candidates.isFolder ? null : await read(root);
  if (itself !== null && itself.format !== null) return { files: [itself], refused: [] };
  const { signal } = options;
  const found = await discover(candidates.isFolder ? root : dirname(root), {
    takes: isCurveName,
    ...(candidates.isFolder ? {} : { depth: depthBeside }),
    ...(signal === undefined ? {} : { signal }),
  });
  const rollouts = new Set(opened.files.filter(({ format }) => format !== null).map(({ path }) => path));
  const files: CurveFile[] = [];
  const refused = found.refused.map(({ path, message }) => refusal(path, message));
  for (const path of found.files) {
    if (signal?.aborted === true) throw new UserError("cancelled", "Cancelled");
    if (rollouts.has(path)) continue;
    try {
      files.push(await read(path));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      refused.push(refusal(path, error.what));
    }
  }
  return { files, refused };
}
