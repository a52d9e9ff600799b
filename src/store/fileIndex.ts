import { sniffCurveFormat } from "../core/curve/registry.ts";
import type { FileContext, FileHead, Format } from "../core/format/format.ts";
import { type FormatId, sniffFormat } from "../core/format/registry.ts";
import { looksBinary } from "../core/format/sniff.ts";
import type { Issue } from "../core/rollout/issue.ts";
import { collectSignals, type SignalNames, summarize } from "../core/rollout/summary.ts";
import { UserError } from "../protocol/userError.ts";
import { headOf } from "../core/format/sniff.ts";
import { isEmpty } from "./fileHead.ts";
import { type FileStamp, type OpenFile, openFile } from "./fileSource.ts";
import { type BesideStamp, FilesNear } from "./nearby.ts";
import { SummaryTable } from "./summaryTable.ts";

/** Issues of a file that are kept unless more are asked for; all are counted. */
const keptIssues = 500;

/** What is known of a file after one pass over it. */
export interface FileIndex {
  readonly path: string;
  readonly stamp: FileStamp;
  /** Files beside it that its reader asked for. */
  readonly beside: readonly BesideStamp[];
  /** Null where no format recognises the file. */
  readonly format: Format<FormatId> | null;
  /** A file of another kind: it can be read, and is no rollout log. An empty or damaged file is not foreign. */
  readonly foreign: boolean;
  readonly table: SummaryTable;
  readonly issues: readonly Issue[];
  readonly issueCount: number;
  readonly signals: SignalNames;
}

export interface IndexOptions {
  readonly signal?: AbortSignal;
  /** Issues of a file that are kept; all are counted. Default 500. */
  readonly mostIssues?: number;
  /** Bytes that are done. */
  readonly onProgress?: (bytes: number) => void;
}

/** Reads a file once. Damage is in the index, not thrown. @throws UserError when the file cannot be opened. */
export async function indexFile(path: string, options: IndexOptions = {}): Promise<FileIndex> {
  const file = await openFile(path);
  const near = new FilesNear(path);
  try {
    return await indexOpenFile(path, file, near, options);
  } finally {
    await near.close();
    await file.close();
  }
}

async function indexOpenFile(
  path: string,
  file: OpenFile,
  near: FilesNear,
  options: IndexOptions,
): Promise<FileIndex> {
  const context: FileContext = { path: path.replaceAll("\\", "/"), near };
  const head = await headOf(file, context);
  const format = sniffFormat(head);
  const builder = new IndexBuilder(options.mostIssues ?? keptIssues);
  const empty = isEmpty(file, head);
  if (format === null && !empty) builder.report(unrecognised(path, head));
  if (format !== null) await scan(format, file, context, builder, options);
  const isWhole = head.firstRecord !== null && !head.isTorn;
  const foreign = format === null && !empty && (isWhole || !isJsonLines(path));
  return { path, stamp: file.stamp, beside: near.asked, format, foreign, ...builder.done() };
}

async function scan(
  format: Format<FormatId>,
  file: OpenFile,
  context: FileContext,
  builder: IndexBuilder,
  { signal, onProgress }: IndexOptions,
): Promise<void> {
  let told = 0;
  for await (const { locator, trajectories, issues } of format.scan(
    file,
    context,
    signal === undefined ? {} : { signal },
  )) {
    for (const issue of issues) builder.report(issue);
    trajectories.forEach((trajectory, part) => {
      const id = builder.uniqueId(trajectory.id, locator);
      builder.table.push(id, summarize(trajectory), { locator, part, damaged: issues.length > 0 });
      collectSignals(trajectory, builder.names);
    });
    if (locator.to - told < 1 << 22) continue;
    told = locator.to;
    onProgress?.(told);
  }
  if (signal?.aborted === true) throw new UserError("cancelled", "Cancelled");
}

class IndexBuilder {
  readonly table = new SummaryTable();
  readonly names = {
    token: new Set<string>(),
    step: new Set<string>(),
    turn: new Set<string>(),
    trajectory: new Set<string>(),
  };
  readonly #issues: Issue[] = [];
  readonly #mostIssues: number;
  #issueCount = 0;

  constructor(mostIssues: number) {
    this.#mostIssues = mostIssues;
  }

  report(issue: Issue): void {
    this.#issueCount++;
    if (this.#issues.length < this.#mostIssues) this.#issues.push(issue);
  }

  /** The id, or the line's where the file has it already: ids name trajectories and must differ. */
  uniqueId(id: string, { line, from }: { readonly line: number; readonly from: number }): string {
    if (this.table.rowOf(id) === undefined) return id;
    let own = `L${line}`;
    for (let n = 2; this.table.rowOf(own) !== undefined; n++) own = `L${line}.${n}`;
    const message = `id ${JSON.stringify(id).slice(0, 80)} stands in this file already; this trajectory is called ${own}.`;
    this.report({ code: "bad-field", line, byte: from, message });
    return own;
  }

  done(): Pick<FileIndex, "table" | "issues" | "issueCount" | "signals"> {
    const { token, step, turn, trajectory } = this.names;
    const signals = { token: [...token], step: [...step], turn: [...turn], trajectory: [...trajectory] };
    return { table: this.table, issues: this.#issues, issueCount: this.#issueCount, signals };
  }
}

function unrecognised(path: string, head: FileHead): Issue {
  const name = path.replace(/^.*[\\/]/, "");
  const place = { code: "unrecognised", line: 0, byte: 0 } as const;
  if (sniffCurveFormat(head) !== null)
    return { ...place, message: `${name} holds training curves and no rollouts.` };
  const what = looksBinary(head.bytes)
    ? "is binary"
    : head.firstRecord === null
      ? "holds no whole JSON object in a line"
      : "is no rollout log that RewardLens knows";
  const known = "RewardLens reads rewardlens/1, verl dumps and chat messages as JSON Lines";
  return { ...place, message: `${name} ${what}. ${known}.` };
}

/** By its name the file holds a record a line. */
function isJsonLines(path: string): boolean {
  return /\.(?:jsonl|ndjson)$/i.test(path);
}
