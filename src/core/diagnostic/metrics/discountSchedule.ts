import type { Trajectory } from "../../rollout/trajectory.ts";
import { diagnostic, type MeasuredBatch, type Measurement, type Measuring } from "../diagnostic.ts";
import {
  alignmentScore,
  type CostMatrix,
  discountAt,
  matchScore,
  type ScheduleOptions,
  startProgress,
  updateSchedule,
} from "../discountSchedule.ts";
import { scopeOf } from "../batchScope.ts";
import { fieldOf, loggedNumbers } from "../loggedFields.ts";

/** Where a run stands. */
interface Standing {
  readonly options: ScheduleOptions;
  readonly progress: number;
  readonly match: number;
  readonly reference: number;
  readonly updates: number;
}

const params = {
  alpha: { kind: "number", default: 0.2, min: 1e-9, max: 1, doc: "weight left at the progress: γ = α^(1/p)" },
  threshold: {
    kind: "number",
    default: 0.9,
    min: 0,
    doc: "part of the reference score that has to be matched",
  },
  progressStart: {
    kind: "number",
    default: 0.2,
    min: 0,
    max: 1,
    doc: "progress at the start, as a part of the horizon",
  },
  maxProgressDelta: { kind: "number", default: 5, min: 1, doc: "most steps that a rollout adds" },
  agentScorePercentile: {
    kind: "number",
    default: 90,
    min: 0,
    max: 100,
    doc: "percentile of the match scores over the demonstrations",
  },
  horizon: { kind: "number", default: 0, min: 0, doc: "longest progress; 0 = steps of the first rollout" },
} as const;

/** Progress along a demonstration and the discount that fits it, rollout by rollout. */
export const discountSchedule = diagnostic({
  id: "discountSchedule",
  label: "Discount schedule (ADS)",
  doc: "How many steps of a demonstration the policy follows in order, and the discount that looks as far ahead. Reads `demo_costs` of the rollouts (distances of each step to each step of a demonstration; one matrix or several), else `demo_step` of the policy's turns (index of the demonstration's step or subgoal reached); `demo_reference`: score of a demonstration against the others at each progress, else the progress itself.",
  paper: "https://arxiv.org/abs/2310.07433",
  status: "code",
  scope: "run",
  needs: ["turn.demo_step"],
  params,
  presets: { "released:ads": {} },
  measure: (chosen): Measuring => {
    const runs = new Map<string, Standing>();
    return {
      batch: (batch) => {
        const before = runs.get(batch.run) ?? null;
        const standing = follow(batch, before, chosen);
        if (standing === null)
          return [{ scope: scopeOf(batch), value: NaN, evidence: {}, missing: ["turn.demo_step"] }];
        runs.set(batch.run, standing);
        return [measured(batch, standing, standing.updates - (before?.updates ?? 0))];
      },
      end: () => [...runs].map(([run, standing]) => ({ scope: { run }, ...told(standing) })),
    };
  },
});

/** Updates by the rollouts of a batch, in order; null before the first that holds an alignment. */
function follow(
  { members }: MeasuredBatch,
  before: Standing | null,
  chosen: Omit<ScheduleOptions, "horizon"> & { readonly horizon: number },
): Standing | null {
  let standing = before;
  for (const { trajectory } of members) {
    const aligned = alignmentOf(trajectory);
    if (aligned === null) continue;
    const { steps, scores } = aligned;
    if (standing === null) {
      const options = { ...chosen, horizon: chosen.horizon === 0 ? steps : chosen.horizon };
      const progress = Math.max(1, startProgress(options));
      standing = { options, progress, match: NaN, reference: NaN, updates: 0 };
    }
    const { options, progress, updates } = standing;
    const logged = loggedNumbers(trajectory, "demo_reference");
    const reference = logged ?? Array.from({ length: options.horizon }, (_, k) => k + 1);
    const update = updateSchedule(progress, scores, reference, options);
    standing = {
      options,
      progress: update.progress,
      match: update.match_score,
      reference: update.ref_score,
      updates: updates + 1,
    };
  }
  return standing;
}

function measured(batch: MeasuredBatch, standing: Standing, rollouts: number): Measurement {
  const { value, evidence } = told(standing);
  return { scope: scopeOf(batch), value, evidence: { ...evidence, rollouts } };
}

function told({
  options,
  progress,
  match,
  reference,
  updates,
}: Standing): Pick<Measurement, "value" | "evidence"> {
  const { horizon } = options;
  return {
    value: discountAt(progress, options.alpha),
    evidence: { progress, horizon, matchScore: match, referenceScore: reference, updates },
  };
}

interface Alignment {
  readonly steps: number;
  readonly scores: (progress: number) => Float64Array;
}

function alignmentOf(trajectory: Trajectory): Alignment | null {
  const matrices = costMatrices(fieldOf(trajectory, "demo_costs"));
  if (matrices !== null) {
    return {
      steps: matrices[0]!.length,
      scores: (progress) => Float64Array.from(matrices, (cost) => matchScore(cost, progress)),
    };
  }
  const nearest = trajectory.turns.flatMap(({ trainable, extra }) => {
    const step = extra.get("demo_step");
    return trainable ? [typeof step === "number" ? step : NaN] : [];
  });
  if (!nearest.some(Number.isFinite)) return null;
  return {
    steps: nearest.length,
    scores: (progress) => Float64Array.of(alignmentScore(nearest, progress)),
  };
}

/** One matrix or a list of them; null for anything else. */
function costMatrices(value: unknown): readonly CostMatrix[] | null {
  if (isMatrix(value)) return [value];
  return Array.isArray(value) && value.length > 0 && value.every(isMatrix) ? value : null;
}

function isMatrix(value: unknown): value is CostMatrix {
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.every((x) => typeof x === "number");
  return Array.isArray(value) && value.length > 0 && value.every(isRow);
}
