import type { StepSpans } from "../rollout/stepSpans.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { meanOf } from "../stats/moments.ts";

/** What a process reward model says of one response, reduced as published credits reduce it. */
export interface ProcessSummary {
  readonly steps: number;
  /** Σ p over the steps. */
  readonly sum: number;
  /** The least p. */
  readonly min: number;
  /** Sum of the differences p_k − p_{k+1} of Delta credit: the first p, 0 of a single step. */
  readonly delta: number;
}

/** @param scores p in [0, 1] of each step, at least one */
export function summarizeScores(scores: readonly number[]): ProcessSummary {
  return {
    steps: scores.length,
    sum: scores.reduce((sum, p) => sum + p, 0),
    min: scores.reduce((least, p) => Math.min(least, p), Infinity),
    delta: scores.length > 1 ? scores[0]! : 0,
  };
}

/** Scores of the policy's steps in order: the logged ones, else the first model's that scored them; steps without are left out. */
export function processScores({ turns }: Trajectory): readonly number[] {
  return turns
    .filter(({ trainable }) => trainable)
    .flatMap(({ steps }) => {
      const name = steps.columns.has("reward") ? "reward" : modelsOf(steps)[0];
      return name === undefined ? [] : [...steps.columns.get(name)!].filter(Number.isFinite);
    });
}

/** Mean over the steps of the standard deviation (population) of the models' scores; NaN with fewer than two models. */
export function modelSpread({ turns }: Trajectory): number {
  return meanOf(
    turns.flatMap(({ steps }) => {
      const columns = modelsOf(steps).map((name) => steps.columns.get(name)!);
      if (columns.length < 2) return [];
      return Array.from({ length: steps.n }, (_, k) => populationStd(columns.map((column) => column[k]!)));
    }),
  );
}

function modelsOf({ columns }: StepSpans): readonly string[] {
  return [...columns.keys()].filter((name) => name.startsWith("prm@"));
}

function populationStd(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

/** Steps that say nothing: without a letter or a digit, or word for word an earlier step of the same rollout. */
export function fillerSteps({ turns }: Trajectory): { readonly empty: number; readonly repeated: number } {
  const seen = new Set<string>();
  let [empty, repeated] = [0, 0];
  for (const { steps, content, trainable } of turns) {
    if (!trainable) continue;
    for (let k = 0; k < steps.n; k++) {
      const text = content.slice(steps.start[k], steps.end[k]).trim();
      if (!/[\p{L}\p{N}]/u.test(text)) empty++;
      else if (seen.has(text)) repeated++;
      seen.add(text);
    }
  }
  return { empty, repeated };
}
