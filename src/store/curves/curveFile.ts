import type { CurveContent, CurveFormat, CurveOptions } from "../../core/curve/curveFormat.ts";
import { type CurveFormatId, sniffCurveFormat } from "../../core/curve/registry.ts";
import type { Nearby } from "../../core/format/format.ts";
import { sniffFormat } from "../../core/format/registry.ts";
import type { Issue } from "../../core/rollout/issue.ts";
import { UserError } from "../../protocol/userError.ts";
import { headOf } from "../../core/format/sniff.ts";
import { type FileStamp, openFile } from "../fileSource.ts";
import { type BesideStamp, FilesNear } from "../nearby.ts";

/** A file that was looked at for curves. */
export interface CurveFile {
  readonly path: string;
  readonly stamp: FileStamp;
  /** Files beside it that its reader asked for. */
  readonly beside: readonly BesideStamp[];
  /** Null where it holds none: rollouts, another kind of file, or nothing. */
  readonly format: CurveFormat<CurveFormatId> | null;
  readonly content: CurveContent;
}

export interface CurveFileOptions extends CurveOptions {
  readonly signal?: AbortSignal;
}

const nothing: CurveContent = { series: [], issues: [], issueCount: 0 };

/** Reads a file once, if it is a curve file. @throws UserError when it cannot be opened, or the signal gave up. */
export async function readCurveFile(path: string, options: CurveFileOptions = {}): Promise<CurveFile> {
  const file = await openFile(path);
  const near = new FilesNear(path);
  try {
    const context = { path: path.replaceAll("\\", "/"), near: smallFilesWhole(near) };
    const head = await headOf(file, context);
    const format = sniffFormat(head) === null ? sniffCurveFormat(head) : null;
    const content = format === null ? nothing : await format.read(file, context, options);
    if (options.signal?.aborted === true) throw new UserError("cancelled", "Cancelled");
    return { path, stamp: file.stamp, beside: near.asked, format, content };
  } finally {
    await near.close();
    await file.close();
  }
}

const smallSize = 1 << 20;

/** MLflow keeps a file for each metric, and there may be more of them than a process may hold open. */
function smallFilesWhole(near: FilesNear): Nearby {
  return {
    list: (folder) => near.list(folder),
    async open(path) {
      const file = await near.open(path);
      if (file === null || file.size > smallSize) return file;
      const bytes = await file.read(0, file.size);
      await file.close();
      return { size: bytes.length, read: (from, to) => Promise.resolve(bytes.slice(from, to)) };
    },
  };
}

/** Damage of a file and of its series, in the order of its bytes. */
export function issuesOf({ content }: CurveFile): readonly Issue[] {
  const all = [...content.issues, ...content.series.flatMap(({ issues }) => issues)];
  return all.sort((a, b) => a.byte - b.byte);
}
