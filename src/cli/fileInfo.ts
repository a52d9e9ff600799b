import { basename, dirname } from "node:path";
import type { TokenSource } from "../core/rollout/trajectory.ts";
import type { Issue } from "../core/rollout/issue.ts";
import type { SignalNames } from "../core/rollout/summary.ts";
import { type CurveFile, issuesOf } from "../store/curves/curveFile.ts";
import type { FileIndex } from "../store/fileIndex.ts";

/** A line of `info`. */
export interface FileInfo {
  readonly file: string;
  readonly format: string | null;
  readonly trajectories: number;
  readonly groups: number;
  readonly train_steps: readonly [number, number] | null;
  readonly tokens: number;
  readonly token_source: string;
  readonly signals: SignalNames;
  /** Of a curve file; absent in rollouts. */
  readonly series?: number;
  readonly issues: readonly Issue[];
}

const noSignals: SignalNames = { token: [], step: [], turn: [], trajectory: [] };

/** Of a file of rollouts, or of one that nothing is known of. */
export function infoOfRollouts({ path, format, table, signals, issues }: FileIndex): FileInfo {
  const groups = new Set<string>();
  let steps: readonly [number, number] | null = null;
  let tokens = 0;
  let source: TokenSource = "none";
  for (let row = 0; row < table.length; row++) {
    const { run, group, trainStep, split, nTokens, tokenSource } = table.summary(row);
    if (group !== null) groups.add(JSON.stringify([run, split, trainStep, group]));
    if (trainStep !== null)
      steps = [Math.min(steps?.[0] ?? trainStep, trainStep), Math.max(steps?.[1] ?? trainStep, trainStep)];
    tokens += nTokens;
    if (source !== "logged" && tokenSource !== "none") source = tokenSource;
  }
  return {
    file: path,
    format: format?.id ?? null,
    trajectories: table.length,
    groups: groups.size,
    train_steps: steps,
    tokens,
    token_source: source,
    signals,
    issues,
  };
}

/** Of a file or folder that cannot be read. */
export function infoOfUnreadable(file: string, issues: readonly Issue[]): FileInfo {
  const nothing = { trajectories: 0, groups: 0, train_steps: null, tokens: 0, token_source: "none" };
  return { file, format: null, ...nothing, signals: noSignals, issues };
}

/** Of a curve file, or of the folder that it stands for; damage of its series is the file's. */
export function infoOfCurves(file: CurveFile): FileInfo {
  const { series } = file.content;
  let steps: readonly [number, number] | null = null;
  for (const one of series)
    for (const step of one.steps)
      if (steps === null) steps = [step, step];
      else if (step < steps[0]) steps = [step, steps[1]];
      else if (step > steps[1]) steps = [steps[0], step];
  return {
    file: file.format?.isFolder?.(basename(file.path)) === true ? dirname(file.path) : file.path,
    format: file.format?.id ?? null,
    trajectories: 0,
    groups: 0,
    train_steps: steps,
    tokens: 0,
    token_source: "none",
    signals: noSignals,
    series: series.length,
    issues: issuesOf(file),
  };
}
