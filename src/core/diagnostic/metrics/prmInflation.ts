import type { Trajectory } from "../../rollout/trajectory.ts";
import { pearson } from "../../stats/correlation.ts";
import { meanOf } from "../../stats/moments.ts";
import { rocArea } from "../../stats/rocArea.ts";
import { slopeOf } from "../../stats/slope.ts";
import { scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { solvedOf } from "../loggedFields.ts";
import {
  fillerSteps,
  modelSpread,
  type ProcessSummary,
  processScores,
  summarizeScores,
} from "../processScores.ts";

interface Scored extends ProcessSummary {
  readonly trajectory: Trajectory;
  /** 1 solved, 0 not; NaN = not logged. */
  readonly solved: number;
}

/** What a train step adds to the run's view. */
interface Point {
  readonly sum: number;
  readonly solved: number;
}

/** Whether a process reward model is paid for more steps instead of better ones. */
export const prmInflation = diagnostic({
  id: "prmInflation",
  label: "Process-reward inflation",
  doc: "Correlation of a response's summed step scores with its number of steps: near 1 while outcomes do not improve, the policy earns by writing steps. Beside it the same for the least score and for Delta credit, the agreement of scores with outcomes, and empty or repeated steps.",
  paper: "https://arxiv.org/abs/2504.15275",
  status: "own",
  scope: "batch",
  needs: ["step.reward", "trajectory.success"],
  params: {
    alarm: {
      kind: "number",
      default: 0.5,
      min: -1,
      max: 1,
      doc: "correlation above which the sum pays for steps",
    },
    window: {
      kind: "number",
      whole: true,
      default: 20,
      min: 2,
      doc: "train steps over which scores and outcomes are compared",
    },
  },
  presets: { default: {} },
  measure: ({ alarm, window }) => {
    const points: Point[] = [];
    let run = "";
    return {
      batch: (batch) => {
        ({ run } = batch);
        const scored = scoredOf(batch);
        if (scored.length === 0) return [absent(batch)];
        points.push({
          sum: meanOf(scored.map(({ sum }) => sum)),
          solved: meanOf(scored.map(({ solved }) => solved)),
        });
        if (points.length > window) points.shift();
        return [measureBatch(batch, scored, alarm)];
      },
      end: () => (points.length < 2 ? [] : [{ scope: { run }, ...trendOf(points) }]),
    };
  },
});

function absent(batch: MeasuredBatch): Measurement {
  return { scope: scopeOf(batch), value: NaN, evidence: {}, missing: ["step.reward"] };
}

function scoredOf({ members }: MeasuredBatch): readonly Scored[] {
  return members.flatMap(({ trajectory }) => {
    const scores = processScores(trajectory);
    if (scores.length === 0) return [];
    return { trajectory, solved: solvedOf(trajectory), ...summarizeScores(scores) };
  });
}

function measureBatch(batch: MeasuredBatch, scored: readonly Scored[], alarm: number): Measurement {
  const column = (name: keyof ProcessSummary | "solved"): readonly number[] => scored.map((one) => one[name]);
  const judged = scored.filter(({ solved }) => !Number.isNaN(solved));
  const withOutcome = (name: keyof ProcessSummary): number =>
    pearson(
      judged.map((one) => one[name]),
      judged.map(({ solved }) => solved),
    );
  const value = pearson(column("sum"), column("steps"));
  const fillers = scored.map(({ trajectory }) => fillerSteps(trajectory));
  const stepsPay = withOutcome("steps");
  return {
    scope: scopeOf(batch),
    value,
    evidence: {
      responses: scored.length,
      slope: slopeOf(column("steps"), column("sum")),
      min_with_steps: pearson(column("min"), column("steps")),
      delta_with_steps: pearson(column("delta"), column("steps")),
      sum_with_outcome: withOutcome("sum"),
      min_with_outcome: withOutcome("min"),
      steps_with_outcome: stepsPay,
      // As PURE counts it: the sum of 2p − 1 is positive where the answer is right.
      match: meanOf(judged.map(({ sum, steps, solved }) => (2 * sum - steps > 0 === solved > 0 ? 1 : 0))),
      auc_min: rocArea(
        judged.map(({ min }) => min),
        judged.map(({ solved }) => solved > 0),
      ),
      spread_of_models: meanOf(scored.map(({ trajectory }) => modelSpread(trajectory))),
      empty_steps: fillers.reduce((n, { empty }) => n + empty, 0),
      repeated_steps: fillers.reduce((n, { repeated }) => n + repeated, 0),
    },
    ...missingOf(scored.length - judged.length, scored.length < batch.members.length),
    alarm: value > alarm && !(stepsPay > 0),
  };
}

function missingOf(unjudged: number, unscored: boolean): Pick<Measurement, "missing"> {
  const missing = [...(unscored ? ["step.reward"] : []), ...(unjudged > 0 ? ["trajectory.success"] : [])];
  return missing.length === 0 ? {} : { missing };
}

/** Over the last train steps: do the scores rise while the outcomes fall? */
function trendOf(points: readonly Point[]): Omit<Measurement, "scope"> {
  const steps = points.map((_, i) => i);
  const scores = slopeOf(
    steps,
    points.map(({ sum }) => sum),
  );
  const outcomes = slopeOf(
    steps,
    points.map(({ solved }) => solved),
  );
  return {
    value: scores,
    evidence: { train_steps: points.length, score_slope: scores, outcome_slope: outcomes },
    alarm: scores > 0 && outcomes < 0,
  };
}
