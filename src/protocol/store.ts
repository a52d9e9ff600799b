import type { CreditFlag } from "../core/credit/credit.ts";
import type { SignalId } from "../core/credit/columns.ts";
import type { Finding } from "../core/credit/forensics/identify.ts";
import type { CreditLevel } from "../core/credit/method.ts";
import type { LaneChoice } from "../core/credit/shownLane.ts";
import type { ParameterValue } from "../core/credit/parameter.ts";
import type { Series } from "../core/curve/series.ts";
import type { Issue } from "../core/rollout/issue.ts";
import type { StepSource } from "../core/rollout/stepSpans.ts";
import type { Split, TokenSource } from "../core/rollout/trajectory.ts";
import type { Answers } from "../core/head/modelQuestion.ts";
import type { DryRunOfRollout } from "./dryRun.ts";
import type { ComparisonProgress, ComparisonRequest, GraphComparison } from "./graphComparison.ts";
import type { ModelDescription } from "./modelDescription.ts";
import type { LoadOptions, ModelChoice } from "./scorer.ts";
import type { ScoreReport, ScoreRequest, ScoringProgress } from "./scoring.ts";

/** Names one trajectory: the opened root it belongs to, its file and its id in that file. */
export interface TrajectoryRef {
  /** Path as opened: a file or a folder. */
  readonly root: string;
  /** Absolute path of the file. */
  readonly file: string;
  readonly id: string;
}

/** One train step of a run; batches and the tree's second level. */
export interface BatchKey {
  readonly root: string;
  readonly run: string;
  /** null = not logged: then the file is the batch and `file` names it. */
  readonly trainStep: number | null;
  readonly split: Split;
  readonly file: string | null;
}

export interface RunRow {
  readonly root: string;
  readonly run: string;
  /** Distinct format ids of the run's files. */
  readonly formats: readonly string[];
  readonly files: number;
  readonly trajectories: number;
  readonly batches: number;
  /** Distinct train steps; 0 where the log names none. */
  readonly trainSteps: number;
}

export interface BatchRow {
  readonly key: BatchKey;
  readonly trajectories: number;
  readonly groups: number;
  /** Groups whose rewards are all equal (two members or more). */
  readonly groupsWithoutSignal: number;
  /** NaN = no reward in the log. */
  readonly meanReward: number;
}

export interface GroupRow {
  /** Unique in the batch. */
  readonly key: string;
  /** null for a rollout without a group. */
  readonly group: string | null;
  readonly prompt: string;
  readonly trajectories: number;
  /** Members with reward; mean, and standard deviation (n − 1), of their rewards; NaN = missing. */
  readonly rewarded: number;
  readonly meanReward: number;
  readonly stdReward: number;
  readonly successes: number;
  /** Members whose success is logged. */
  readonly judged: number;
  /** Two members or more, all with the same reward: the group teaches nothing. */
  readonly noSignal: boolean;
}

export interface RolloutRow {
  readonly ref: TrajectoryRef;
  /** Place in its group, from 1, in file order. */
  readonly index: number;
  readonly reward: number;
  readonly success: boolean | null;
  readonly truncated: boolean | null;
  readonly nTokens: number;
  readonly nChars: number;
  readonly nTurns: number;
  readonly tokenSource: TokenSource;
  readonly line: number;
  readonly damaged: boolean;
}

export type SortKey = "log" | "reward" | "length" | "spread" | "id";

export interface RowQuery {
  readonly sort: SortKey;
  readonly descending: boolean;
  /** Empty = all. See `core/rollout/filter.ts` for the grammar. */
  readonly filter: string;
  /** Half-open row range. */
  readonly from: number;
  readonly to: number;
}

export interface Page<T> {
  readonly total: number;
  readonly rows: readonly T[];
}

export interface FileIssues {
  readonly file: string;
  readonly total: number;
  /** At most 500. */
  readonly issues: readonly Issue[];
}

/** How far reading a root is. */
export interface Reading {
  /** Bytes. */
  readonly done: number;
  /** Bytes of all its files; NaN while they are counted. */
  readonly total: number;
  /** What is being read. */
  readonly file: string;
}

/** A root as far as it is indexed. */
export interface OpenedRoot {
  readonly root: string;
  readonly runs: readonly RunRow[];
  readonly issues: readonly FileIssues[];
  /** Files looked at and not recognised (only for folders). */
  readonly skipped: number;
  /** Null when all is read; until then the runs grow, and `grown` tells of it. */
  readonly reading: Reading | null;
  /** Glob of the files in it that are worth following. */
  readonly watched: string;
}

/** Progress of a long call, at most ten a second. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

/**
 * Spans in the trace document are 4 numbers each in one Int32Array: start line, start column, end line, end
 * column (from 0, columns in UTF-16 units, end exclusive).
 */
export type Spans = Int32Array;

export interface TraceTurn {
  readonly role: string;
  readonly agent: string | null;
  readonly name: string | null;
  readonly trainable: boolean;
  /** Line of the header; content is [contentFrom, contentTo) lines. */
  readonly headerLine: number;
  readonly contentFrom: number;
  readonly contentTo: number;
  /** Line above tokens that are shown by their ids, the last of the content; −1 where there are none. */
  readonly stripLine: number;
  readonly reward: number;
  readonly nTokens: number;
  readonly stepSource: StepSource;
  /** Ranges of this turn in the document's columns, half-open. */
  readonly tokenFrom: number;
  readonly tokenTo: number;
  readonly stepFrom: number;
  readonly stepTo: number;
}

/** One trajectory as a readable text document, with where everything stands in it. */
export interface TraceView {
  readonly ref: TrajectoryRef;
  readonly batch: BatchKey;
  readonly format: string;
  readonly text: string;
  readonly lineCount: number;
  /** Lines of the document's head (above the first turn). */
  readonly headLines: number;
  readonly turns: readonly TraceTurn[];
  readonly tokenSource: TokenSource;
  /** All logged tokens of all turns, in order. */
  readonly tokens: Spans;
  /** All steps of all turns, in order. */
  readonly steps: Spans;
  /** What the log says of each step: 1 right, 0 wrong, or between; NaN = nothing. */
  readonly stepLabels: Float64Array;
  readonly reward: number;
  readonly success: boolean | null;
  /** Line and byte of the record in its file. */
  readonly line: number;
  readonly byte: number;
  readonly issues: readonly Issue[];
}

/** Credit of one trajectory as the editor paints it: arrays run parallel to the trace's tokens and steps. */
export type CreditView = AvailableCreditView | UnavailableCreditView;

export interface AvailableCreditView {
  readonly status: "ok";
  readonly method: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly level: CreditLevel;
  /** Which of the method's lanes the numbers are; `credit` is the credit itself. */
  readonly lane: string;
  /** Recomputed from signals, or the log's own column. */
  readonly provenance: "recomputed" | "logged";
  /** NaN = none. */
  readonly credit: number;
  /** Length: tokens of the trace; NaN = none. */
  readonly tokens: Float64Array;
  /** Length: steps of the trace: the step's own credit, or the mean of its tokens'; NaN = none. */
  readonly steps: Float64Array;
  /** Says what `steps` holds. */
  readonly stepCredit: "own" | "mean of tokens" | "whole turn" | "whole response";
  /** Process reward of each step as logged or scored; NaN = none. */
  readonly stepRewards: Float64Array;
  /** 99th percentile of |credit| over the batch at the method's level; NaN when there is none. */
  readonly scale: number;
  readonly flags: readonly CreditFlag[];
}

export interface UnavailableCreditView {
  readonly status: "unavailable";
  readonly method: string;
  readonly missing: readonly SignalId[];
  readonly reason: string;
}

/** A row of a hover's table; NaN with a reason where the log does not hold it. */
export interface SignalRow {
  readonly name: string;
  /** "logged" or the scorer's name. */
  readonly source: string;
  readonly token: number | null;
  readonly step: number | null;
  readonly rollout: number | null;
  readonly group: number | null;
}

/** Everything the hover says about one place of a trace. */
export interface Explanation {
  readonly turn: number;
  readonly token: {
    /** Null where the log does not say which text is the token's. */
    readonly text: string | null;
    readonly id: number | null;
    /** From 1, in its turn; and of how many. */
    readonly index: number;
    readonly of: number;
    readonly trained: boolean;
  } | null;
  /** Step of the turn, from 1, and where it comes from. */
  readonly step: { readonly index: number; readonly of: number; readonly source: StepSource } | null;
  readonly credit: number;
  /** Which of the method's lanes the number is of; `credit` is the credit itself. */
  readonly lane: string;
  /** What the number is: "this token's", "the step's", "the whole response's". */
  readonly creditOf: string;
  /** Share of the trajectory's tokens (or steps) with a lower credit, 0 to 1; NaN = none. */
  readonly rank: number;
  /** Lines `left = symbols` and `= numbers = value`, made of the lanes that were computed. */
  readonly formula: readonly { readonly symbols: string; readonly numbers: string }[];
  readonly signals: readonly SignalRow[];
  /** Signals that this log does not hold, in words. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  /** What a scorer that gives reasons says of this place, in words. */
  readonly reasons: readonly string[];
}

export interface MethodChoice {
  readonly id: string;
  readonly label: string;
  readonly doc: string;
  readonly status: string;
  readonly available: boolean;
  /** For a method that cannot be computed here: what it lacks, in words. */
  readonly reason: string;
}

/** How far another method agrees with the one that is shown, on one rollout. */
export interface MethodAgreement {
  readonly method: string;
  readonly label: string;
  /** What was compared. */
  readonly over: "tokens" | "steps";
  /** Places that both give a number. */
  readonly n: number;
  /** Spearman's rank correlation; NaN where one of them gives all places the same number. */
  readonly rank: number;
  /** Share of the places where one says good and the other bad. */
  readonly opposed: number;
  /** Line of the step where they differ most; null where they share no step. */
  readonly line: number | null;
}

export interface CreditRequest {
  readonly method: string;
  /** Explicit parameters, `preset` among them. */
  readonly params: Readonly<Record<string, ParameterValue>>;
  /** Lane that is shown in the credit's place; absent = the credit. */
  readonly lane?: string;
}

/** A curve with the file it was read from. */
export interface CurveSeries extends Series {
  readonly file: string;
}

/** Every curve of a root's runs. */
export interface Curves {
  readonly series: readonly CurveSeries[];
  readonly issues: readonly FileIssues[];
}

/** Settings that change what the store makes of a log. */
export interface StoreSettings {
  /** Regular expression for segmentation; empty = the built-in rule. */
  readonly segmentation: string;
  /** Folders of the models whose kept scores are shown, the preferred one first. */
  readonly scorers: readonly string[];
}

/** What the store's worker answers: it reads, indexes, renders and computes; nothing of that runs elsewhere. */
export interface StoreApi {
  /**
   * Index a file or folder (again); an index that still fits the file is reused. Returns when there is something to show;
   * what is large is read on, and can be given up by closing the root.
   */
  open(root: string): Promise<OpenedRoot>;
  close(root: string): Promise<void>;
  batches(root: string, run: string, query: RowQuery): Promise<Page<BatchRow>>;
  groups(key: BatchKey, query: RowQuery): Promise<Page<GroupRow>>;
  rollouts(key: BatchKey, group: string, query: RowQuery): Promise<Page<RolloutRow>>;
  /** Where a trajectory lies in the tree, to reveal it there. */
  locate(ref: TrajectoryRef): Promise<{
    readonly batch: BatchKey;
    /** Key of its group in the batch, and the group's name. */
    readonly group: string;
    readonly name: string | null;
    readonly row: RolloutRow;
  }>;
  /** The rollout that was logged last: of the latest train step, the last in the log; null where there is none. */
  latest(root: string): Promise<TrajectoryRef | null>;
  /** @throws UserError when the file or the trajectory is gone. */
  trace(ref: TrajectoryRef): Promise<TraceView>;
  credit(ref: TrajectoryRef, request: CreditRequest): Promise<CreditView>;
  explain(
    ref: TrajectoryRef,
    request: CreditRequest,
    at: { line: number; column: number },
  ): Promise<Explanation | null>;
  methods(ref: TrajectoryRef): Promise<readonly MethodChoice[]>;
  /** Lanes of a method that can be shown for a rollout. */
  lanes(ref: TrajectoryRef, request: CreditRequest): Promise<readonly LaneChoice[]>;
  /** Every other method that can be computed on a rollout, the one that agrees most with the request first. */
  compare(ref: TrajectoryRef, request: CreditRequest): Promise<readonly MethodAgreement[]>;
  /** Which estimator made the advantages that are logged of a rollout's train step. */
  identify(ref: TrajectoryRef): Promise<Finding>;
  /** Curve files beneath a folder, or beside a file. */
  curves(root: string): Promise<Curves>;
  /**
   * @returns what is wrong with scorers that cannot be used (any more), a line each
   * @throws UserError when the segmentation does not compile
   */
  configure(settings: StoreSettings): Promise<readonly string[]>;
  /** What is in these folders; a folder of models stands for those in it. */
  models(folders: readonly string[]): Promise<readonly ModelChoice[]>;
  /** What a model's files say of it, and what must be asked. @throws UserError that names the file that is wrong */
  describeModel(path: string, answers: Answers): Promise<ModelDescription>;
  /** What a model reads of a rollout, token by token. @throws UserError that says what is wrong with the model */
  dryRun(ref: TrajectoryRef, folder: string, options: LoadOptions): Promise<DryRunOfRollout>;
  /** Scores every rollout of a root; what is kept already is not computed again. Cancelling keeps what was scored. */
  score(request: ScoreRequest): Promise<ScoreReport>;
  /** Holds the graphs of a model's folder against each other on a root. @throws UserError where there is only one */
  compareGraphs(request: ComparisonRequest): Promise<GraphComparison>;
}

/** What the store tells without being asked. */
export interface StoreEvents {
  progress: Progress & { readonly root: string };
  scoring: ScoringProgress;
  comparing: ComparisonProgress;
  /** A root that is read, or read again, has more to show, or is read to its end. */
  grown: OpenedRoot;
}
