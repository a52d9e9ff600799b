import type { ColumnLevel } from "../core/head/head.ts";
import type { ScoreAgreement } from "../core/head/scoreAgreement.ts";
import type { Device, LoadOptions } from "./scorer.ts";

/** One of the graphs in a model's folder. */
export interface ModelGraph {
  /** As a path inside the folder. */
  readonly graph: string;
  /** What it is opened by. */
  readonly path: string;
}

/** The graphs of a model's folder that could score in each other's place. */
export interface ModelGraphs {
  readonly folder: string;
  /** The one the folder scores with where none is asked for: the most exact one, or the one its manifest names. */
  readonly own: ModelGraph;
  readonly others: readonly ModelGraph[];
  /** Below what a score counts as low; NaN = the manifest does not say. */
  readonly threshold: number;
}

/** Which graphs are to be compared on what. */
export interface ComparisonRequest extends LoadOptions {
  readonly root: string;
  /** Folder of the model. */
  readonly folder: string;
  /** Rollouts that are scored, taken from the whole log at equal distances. */
  readonly limit: number;
}

/** Rollouts a comparison scores where nobody says how many. */
export const usualLimit = 200;

/** What a graph did in a comparison. */
export interface ComparedGraph extends ModelGraph {
  /** The name after `@` in its columns. */
  readonly id: string;
  /** Null where nothing was computed now. */
  readonly device: Device | null;
  /** Of what was computed now; NaN where nearly all scores were kept from before, or it took less than a second. */
  readonly tokensPerSecond: number;
}

export interface OtherGraph extends ComparedGraph {
  /** Null where the graph cannot be used. */
  readonly agreement: ScoreAgreement | null;
  /** What keeps it from being used; empty where nothing does. */
  readonly problem: string;
}

/** The graphs of one model, held against its own one on a log. */
export interface GraphComparison {
  readonly folder: string;
  /** The main column, without `@ID`, and what it has a number for. */
  readonly column: string;
  readonly level: ColumnLevel;
  /** Rollouts that were scored, and of how many they were taken. */
  readonly rollouts: number;
  readonly of: number;
  readonly own: ComparedGraph;
  readonly others: readonly OtherGraph[];
}

/** What is kept of a comparison, for those who choose a graph. */
export interface KeptAgreement {
  readonly level: ColumnLevel;
  readonly rollouts: number;
  readonly agreement: ScoreAgreement;
  /** Tokens a second by those of the model's own graph; NaN where they were never both measured. */
  readonly speedup: number;
}

/** A comparison that goes on: a graph at a time, the own one first. */
export interface ComparisonProgress {
  readonly root: string;
  readonly folder: string;
  readonly graph: string;
  readonly done: number;
  readonly total: number;
}
