import { rolloutScope, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { adviceOf, pairsOf, preferenceLoss, strengthOf } from "../preferencePairs.ts";
import { lackingOf } from "../lacking.ts";

interface Terms {
  readonly flipShare: number;
  readonly ambiguous: number;
}

/** How surely several reward models prefer the chosen response of each pair. */
export const preferenceStrength = diagnostic({
  id: "preferenceStrength",
  label: "Preference strength",
  doc: "Mean margin of each preference pair over several reward models or judges, with what to do: flip a likely wrong label, soften an ambiguous one, keep the rest with the mean as margin. Reads `chosen_scores` and `rejected_scores` of a rollout, else `judge_scores` of a group.",
  paper: "https://arxiv.org/abs/2401.06080",
  status: "memory",
  scope: "rollout",
  needs: ["trajectory.chosen_scores", "trajectory.rejected_scores"],
  params: {
    flipShare: {
      kind: "number",
      default: 0.1,
      min: 0,
      max: 1,
      doc: "weakest share of the pairs that may be flipped",
    },
    ambiguous: { kind: "number", default: 0.2, min: 0, doc: "means this near 0 are ambiguous" },
  },
  presets: { default: {} },
  measure: (terms) => ({ batch: (batch) => measureBatch(batch, terms), end: () => [] }),
});

function measureBatch(batch: MeasuredBatch, terms: Terms): readonly Measurement[] {
  const pairs = pairsOf(batch);
  if (pairs.length === 0) {
    const missing = lackingOf(batch.members, ["trajectory.chosen_scores", "trajectory.rejected_scores"]);
    return [{ scope: scopeOf(batch), value: NaN, evidence: {}, missing }];
  }
  const strengths = pairs.map(({ margins }) => strengthOf(margins));
  const advice = adviceOf(
    strengths.map(({ mean }) => mean),
    terms,
  );
  return pairs.map(({ trajectory, rejected, margins }, i) => {
    const { mean, std, agreement } = strengths[i]!;
    return {
      scope: rolloutScope(batch, trajectory),
      value: mean,
      evidence: {
        std,
        models: margins.length,
        agreement,
        advice: advice[i]!,
        loss: preferenceLoss(mean),
        ...(rejected === null ? {} : { rejected }),
      },
      alarm: advice[i] === "flip",
    };
  });
}
