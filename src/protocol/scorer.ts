import type { HeadColumn } from "../core/head/head.ts";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import type { PartScores } from "../core/head/scoredColumns.ts";
import type { Answers } from "../core/head/modelQuestion.ts";
import type { ScoreItem } from "../core/head/scoreItem.ts";
import type { ScoreText } from "../core/head/scoreText.ts";
import type { Scorer } from "../core/head/scorer.ts";
import type { DryRun, DryRunOfRollout } from "./dryRun.ts";
import type { KeptAgreement, ModelGraph, ModelGraphs } from "./graphComparison.ts";
import type { ModelDescription } from "./modelDescription.ts";
import type { MachineFacts, SelfCheck } from "./machine.ts";

export type { ScoreItem } from "../core/head/scoreItem.ts";

/** What runs a model: a kind of hardware, by the name of onnxruntime's execution provider. */
export const devices = ["cpu", "cuda", "webgpu", "dml", "coreml"] as const;
export type Device = (typeof devices)[number];
/** `auto` is a hardware GPU that loads and passes a self-check, else the CPU. */
export type DeviceChoice = "auto" | Device;

/** A model as its folder describes it, with the paths that are opened. */
export interface ModelFiles {
  readonly manifest: ModelManifest;
  readonly model: string;
  readonly tokenizer: string;
  readonly config: string;
  /** The second model of a head that reads two; null otherwise. */
  readonly reference: string | null;
  /** Bytes of the graphs and of the weights beside them. */
  readonly bytes: number;
}

/** What a verifier is opened by, before its id; by itself it stands for all of them. */
export const verifierPrefix = "verifier:";

/** A model that can be chosen. */
export interface ModelChoice {
  readonly folder: string;
  readonly id: string;
  readonly label: string;
  readonly doc: string;
  /** Its head, or what kind of scorer it is. */
  readonly head: string;
  /** Columns it adds, without `@ID`; empty where that is not known. */
  readonly columns: readonly HeadColumn[];
  /** What keeps it from being used; empty where nothing does. */
  readonly problem: string;
  /** How its scores and those of its folder's other graphs agree, in words; empty where there is nothing to say. */
  readonly note: string;
}

export interface LoadOptions {
  readonly device: DeviceChoice;
  /** Cores that are used, as threads of one process or as processes of one thread; 0 = as many as suit this machine. */
  readonly threads: number;
}

export interface LoadedModel {
  readonly device: Device;
  /** Why it is this device, where another could be expected; empty otherwise. */
  readonly note: string;
  /** How far it is from the CPU on the first batch; null for the CPU itself. */
  readonly selfCheck: SelfCheck | null;
  readonly maxTokens: number;
}

/** Scores of one item, with what it cost. */
export interface ScoredItem extends PartScores {
  /** Tokens of its texts as the model reads them, its own marks among them; a prompt that was shared counts for each. */
  readonly tokens: number;
  /** More than one where the text is longer than the model takes. */
  readonly windows: number;
  /** Computed by a GPU, whose scores are forgotten once it is found to differ from the CPU. */
  readonly onGpu: boolean;
}

/** What the scorer's process answers. It holds one model. */
export interface ScorerApi {
  /** What of this machine decides how models are computed. */
  describe(options: Pick<LoadOptions, "threads">): Promise<MachineFacts>;
  /** @throws UserError that names the file and what to do */
  load(files: ModelFiles, options: LoadOptions): Promise<LoadedModel>;
  /**
   * Scores the items of a job, which come back as events; jobs follow each other.
   * @throws UserError `cancelled` when the job was stopped
   */
  score(job: number, items: readonly ScoreItem[]): Promise<void>;
  /** Stops a job between two runs of the model. */
  stop(job: number): Promise<void>;
  /** Reads one item and tells token by token what was read. */
  dryRun(item: ScoreItem): Promise<DryRun>;
}

/** Event `running` of the scorer's process: the items of a job that its next run of the model concerns. */
export interface RunningEvent {
  readonly job: number;
  readonly items: readonly number[];
  /** Whether no other run of the job follows. */
  readonly isLast: boolean;
}

/** Event `scored` of the scorer's process: items of a job that are done. */
export interface ScoredEvent {
  readonly job: number;
  readonly scored: readonly ScoredEntry[];
}

/** An item by its index; null where there is too little memory for it alone, or the process dies of it. */
export type ScoredEntry = readonly [index: number, item: ScoredItem | null];

/**
 * Where scores come from: the store's view of a scorer, whatever runs it. Scores that were made once are kept.
 *
 * A server fits behind it with the same pool: what the pool knows of a process (`ScoringProcess`) is that it loads a model,
 * takes a job of items, gives each back once, and can be stopped or lost. A process is then a connection, a job one request
 * or several, `load` the server's description of its model, and a lost connection is a death whose items are tried again.
 */
export interface ScoreSource {
  /** What it is opened by: a model's folder, or `verifier:ID`. */
  readonly folder: string;
  readonly scorer: Scorer;
  /** Why it judges an item as it does, in words, each of one of its parts; absent where it cannot say. */
  reasons?(this: void, item: ScoreItem): readonly { readonly part: number; readonly text: string }[];
  /** Looks for what others have scored since. */
  refresh(): Promise<void>;
  keyOf(item: ScoreItem): string;
  has(key: string): boolean;
  /** What is kept of each key; null where nothing is. */
  cached(keys: readonly string[]): Promise<readonly (ScoredItem | null)[]>;
  keep(entries: readonly (readonly [key: string, item: ScoredItem])[]): Promise<void>;
  /** Makes the model ready. @throws UserError that says what is wrong with it */
  load(options: LoadOptions, signal: AbortSignal): Promise<LoadedModel>;
  /**
   * Scores items; those of earlier calls go first. A process that dies costs nothing but time: what it did not give back
   * is scored by the next.
   * @param onScored is told of each item once, as soon as it is scored
   * @returns the items in their order; null for one with which the process died four times, each by itself, or that needs
   * more memory than there is
   * @throws UserError `cancelled`; `scorer/exited` when its processes die whatever they score; what is wrong with the model
   */
  score(
    items: readonly ScoreItem[],
    options: LoadOptions,
    signal: AbortSignal,
    onScored?: (scored: readonly ScoredEntry[]) => void,
  ): Promise<readonly (ScoredItem | null)[]>;
}

/** Opens models by their folders. */
export interface Scorers {
  /** @throws UserError that names the file that is missing or wrong */
  open(folder: string): Promise<ScoreSource>;
  /** What is in these folders; a folder of models stands for those in it. */
  list(folders: readonly string[]): Promise<readonly ModelChoice[]>;
  /** The graphs of a model's folder, whichever of them was named. @throws UserError */
  graphs(path: string): Promise<ModelGraphs>;
  /** Keeps how another graph agrees with the model's own, for `list` and for other programs. */
  keepAgreement(own: ModelGraph, other: ModelGraph, kept: KeptAgreement): Promise<void>;
  /** What a model's files say of it, and what must be asked. @throws UserError */
  describe(path: string, answers: Answers): Promise<ModelDescription>;
  /** Reads one rollout with a model and tells token by token what it read. @throws UserError */
  dryRun(
    folder: string,
    text: ScoreText,
    options: LoadOptions,
    signal: AbortSignal,
  ): Promise<DryRunOfRollout>;
}
