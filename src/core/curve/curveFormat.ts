import type { ByteSource, FileContext, FileHead } from "../format/format.ts";
import type { Issue } from "../rollout/issue.ts";
import type { Series } from "./series.ts";

/** A series as its file holds it. */
export interface LoggedSeries extends Omit<Series, "run"> {
  /** The run its lines name; null where the file does not say: then it belongs to the run it lies beneath. */
  readonly run: string | null;
  /** What tells the run from others of the same name; null where the name is all there is. */
  readonly runId: string | null;
  /** What is wrong with this series alone. */
  readonly issues: readonly Issue[];
}

/** What a curve file gave: damage is beside what could be read. */
export interface CurveContent {
  /** In the order of their first points. */
  readonly series: readonly LoggedSeries[];
  /** Damage of the file; what is wrong with one series stands there. */
  readonly issues: readonly Issue[];
  /** All of them: `issues` may hold fewer. */
  readonly issueCount: number;
  /** The file holds its run's whole history so far; of several of one run the one that goes farthest holds all. */
  readonly snapshot?: Snapshot;
}

/** How far a file that holds a run's whole history goes. */
export interface Snapshot {
  /** The run's folder as seen from the file's own: "." or "..". */
  readonly folder: "." | "..";
  readonly step: number;
}

export interface CurveOptions {
  /** Issues of the file that are kept; all are counted. Default 500. */
  readonly mostIssues?: number;
  /** Checked between records (an AbortSignal fits); what was read until then is returned. */
  readonly signal?: { readonly aborted: boolean };
}

/**
 * A format of training curves. `read` goes once through the file and never throws for bad input. Rollout formats are
 * asked first: a file they recognise holds no curves.
 */
export interface CurveFormat<Id extends string = string> {
  readonly id: Id;
  readonly label: string;
  readonly doc: string;
  /** The writer's version that was read, for the docs: "TensorBoard (master at 70b76c922, 2026-06-30)". */
  readonly written: string;
  /** What the format cannot give, for the docs: "wall times". */
  readonly lacks: string;
  /** Endings of file names that make a file worth sniffing when a folder is opened; empty where `hasName` decides alone. */
  readonly extensions: readonly string[];
  /** Globs of what is worth following beside those endings, beneath any folder. */
  readonly alsoFollows?: readonly string[];
  /** Whether a file is worth sniffing, by its name without its folder. */
  hasName(name: string): boolean;
  /** A file of this name stands for the folder it lies in: `info` of a folder names that. Default: none does. */
  isFolder?(name: string): boolean;
  /**
   * Files of one run continue each other in the order of their names: those with the same id of a run, else those in
   * the same folder.
   */
  readonly continues: boolean;
  /** True when the file is surely this format; formats are asked in the order of the registry. */
  sniff(head: FileHead): boolean;
  read(source: ByteSource, file: FileContext, options: CurveOptions): Promise<CurveContent>;
}
