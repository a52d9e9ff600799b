import { slopeOf } from "../../stats/slope.ts";
import { scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { loggedNumber } from "../loggedFields.ts";
import { lackingOf } from "../lacking.ts";

/** Answers that are right for the wrong reason. */
export const evidenceReward = diagnostic({
  id: "evidenceReward",
  label: "Right for the wrong reason",
  doc: "Share of the right answers whose evidence is wrong, from an answer reward and an evidence reward that are logged apart, and how it changes over the run.",
  paper: "https://arxiv.org/abs/2511.13026",
  status: "text",
  scope: "batch",
  needs: ["trajectory.rewards.answer", "trajectory.rewards.evidence"],
  params: {
    answer: { kind: "text", default: "rewards.answer", doc: "number of a rollout that is its answer reward" },
    evidence: {
      kind: "text",
      default: "rewards.evidence",
      doc: "number of a rollout that is its evidence reward",
    },
    right: { kind: "number", default: 0.5, doc: "rewards from here on are right" },
    alarm: { kind: "number", default: 0.2, min: 0, max: 1, doc: "share that is worth a look" },
  },
  presets: { default: {} },
  measure: (terms) => {
    const shares: number[] = [];
    let run = "";
    return {
      batch: (batch) => {
        ({ run } = batch);
        const measured = measureBatch(batch, terms);
        if (typeof measured.value === "number" && !Number.isNaN(measured.value)) shares.push(measured.value);
        return [measured];
      },
      end: () => {
        if (shares.length < 2) return [];
        const slope = slopeOf(
          shares.map((_, i) => i),
          shares,
        );
        return [{ scope: { run }, value: slope, evidence: { shares }, alarm: slope > 0 }];
      },
    };
  },
});

interface Terms {
  readonly answer: string;
  readonly evidence: string;
  readonly right: number;
  readonly alarm: number;
}

function measureBatch(batch: MeasuredBatch, { answer, evidence, right, alarm }: Terms): Measurement {
  const scope = scopeOf(batch);
  const known = batch.members
    .map(({ trajectory }) => ({
      id: trajectory.id,
      answer: loggedNumber(trajectory, answer),
      evidence: loggedNumber(trajectory, evidence),
    }))
    .filter((one) => !Number.isNaN(one.answer) && !Number.isNaN(one.evidence));
  const solved = known.filter((one) => one.answer >= right);
  const lucky = solved.filter((one) => one.evidence < right);
  const counts = { rollouts: known.length, right: solved.length, right_without_evidence: lucky.length };
  const missing =
    known.length < batch.members.length
      ? { missing: lackingOf(batch.members, [`trajectory.${answer}`, `trajectory.${evidence}`]) }
      : {};
  if (solved.length === 0)
    return { scope, value: known.length === 0 ? NaN : 0, evidence: counts, ...missing };
  const value = lucky.length / solved.length;
  return {
    scope,
    value,
    evidence: {
      ...counts,
      wrong_with_evidence: known.filter((one) => one.answer < right && one.evidence >= right).length,
      ids: lucky.map(({ id }) => id).slice(0, 10),
    },
    ...missing,
    alarm: value >= alarm,
  };
}
