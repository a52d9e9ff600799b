import type { FileIssues } from "./store.ts";

/** One run of one opened file or folder, as the curves panel lists it. */
export interface CurveRun {
  /** Stable over reads and reloads. */
  readonly key: string;
  readonly root: string;
  readonly run: string;
  /** Short and unlike the others'. */
  readonly label: string;
}

/** A curve without its points. */
export interface CurveHead {
  /** Names it in `points`; good for this version of the overview only. */
  readonly id: number;
  /** Key of its run. */
  readonly run: string;
  readonly name: string;
  /** Every file that holds it. */
  readonly files: readonly string[];
  /** Points; at least one. */
  readonly length: number;
  /** Lowest and highest step. */
  readonly low: number;
  readonly high: number;
  /** Changes with the points and only with them. */
  readonly stamp: string;
}

/** All that the curves panel shows but the points. */
export interface CurvesOverview {
  /** Goes up with every read. */
  readonly version: number;
  /** Open files and folders; all were looked through. */
  readonly roots: readonly string[];
  readonly runs: readonly CurveRun[];
  readonly heads: readonly CurveHead[];
  readonly issues: readonly FileIssues[];
  /** Roots that could not be looked through, and why. */
  readonly failures: readonly { readonly root: string; readonly message: string }[];
}

/** Where the points of a curve are wanted from: all that comes after `from` is asked for. */
export interface PointsRequest {
  readonly id: number;
  readonly from: number;
}

/** Points [from, from + steps.length) of a curve. */
export interface PointsPiece {
  readonly id: number;
  readonly from: number;
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** What happened when a step was chosen. */
export interface StepChoice {
  readonly step: number;
  /** Rollouts were logged at this step, and the Rollouts view shows them. */
  readonly shown: boolean;
  /** Else the nearest step at which some were; null when no run names any step. */
  readonly nearest: number | null;
}

/** The train step of the trace that is shown. */
export interface TraceStep {
  readonly step: number;
  readonly run: string;
}

/** What the host marks in every chart. */
export interface CurveMarks {
  /** Step the Rollouts view is filtered by; null = none. */
  readonly selected: number | null;
  readonly trace: TraceStep | null;
}

/** What the host answers to the curves panel. Points cross as typed arrays, at most a megabyte in a message. */
export interface CurvesHostApi {
  overview(): Promise<CurvesOverview>;
  /** As many of the requests, in their order, as go into one message. @throws UserError `curves/stale` for an old version. */
  points(version: number, requests: readonly PointsRequest[]): Promise<readonly PointsPiece[]>;
  marks(): Promise<CurveMarks>;
  /** Filters the Rollouts view to a step and shows it, where rollouts were logged at that step. */
  choose(step: number): Promise<StepChoice>;
  clear(): Promise<void>;
  /** Lets the person pick the folder of a run, which is then open. */
  openFolder(): Promise<void>;
}

/** What the host tells the curves panel without being asked. */
export interface CurvesEvents {
  /** Files were read again, or runs were opened or closed: ask for the overview. */
  changed: null;
  marks: CurveMarks;
}

/** Bytes of points in one message. */
export const mostBytes = 1_000_000;

/**
 * Every message is wrapped with the name its page gave itself, so that what was meant for a page that is gone (a
 * hidden panel is torn down and built again) does not reach the next one.
 */
export interface PageMessage {
  readonly page: string;
  readonly message: unknown;
}
