import { Row } from "../../credit/row.ts";
import { stepsOf } from "../../rollout/segment.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import {
  crossEntropy,
  pairAccuracy,
  preferenceLoss,
  type ScoredOutcome,
  signAccuracy,
} from "../implicitPrm.ts";

interface Chosen {
  readonly reference: "ref" | "old";
  readonly beta: number;
  readonly alarm: number;
}

interface Scored extends ScoredOutcome {
  readonly group: string | null;
  /** Mean over the policy's turns of the sum of their log-ratios. */
  readonly turnMean: number;
}

/** Does an implicit reward model order the rollouts of a prompt as their outcomes do? */
export const implicitPrmAccuracy = diagnostic({
  id: "implicitPrmAccuracy",
  label: "Implicit PRM accuracy",
  doc: "Share of a group's pairs that the log-ratio of `rm_logprobs` orders as the outcomes do, with the losses the model is trained with. Around one half, its credit is noise.",
  paper: "https://arxiv.org/abs/2502.01456",
  status: "code",
  scope: "batch",
  needs: ["token.rm_logprobs", "token.ref_logprobs", "trajectory.success", "trajectory.group"],
  params: {
    reference: {
      kind: "choice",
      choices: ["ref", "old"],
      default: "ref",
      doc: "the log-ratio is taken against `ref_logprobs` (PRIME) or `old_logprobs` (iStar)",
    },
    beta: { kind: "number", default: 0.05, doc: "scale of the log-ratio in the losses" },
    alarm: {
      kind: "number",
      default: 0.55,
      min: 0,
      max: 1,
      doc: "accuracy that is too near to chance (own)",
    },
  },
  presets: { "released:prime": {}, "released:istar": { reference: "old" } },
  measure: (chosen) => ({ batch: (batch) => [measureBatch(batch, chosen)], end: () => [] }),
});

function measureBatch(batch: MeasuredBatch, chosen: Chosen): Measurement {
  const scope = scopeOf(batch);
  const missing = new Set<string>();
  const scored = batch.members.flatMap(({ trajectory, groupKey }) => {
    const one = scoreOf(trajectory, chosen, missing);
    return one === null ? [] : [{ ...one, group: groupKey }];
  });
  const lacking = missing.size === 0 ? {} : { missing: [...missing] };
  const groups = groupsOf(scored);
  if (groups.length === 0) {
    const all = scored.length > 0 ? [...missing, "trajectory.group"] : [...missing];
    return { scope, value: NaN, evidence: { rollouts: scored.length }, missing: all };
  }
  const accuracies = groups.map(pairAccuracy);
  const value = accuracies.reduce((a, b) => a + b, 0) / groups.length;
  const byTurn = groups.map((group) =>
    group.map(({ turnMean, outcome }) => ({ score: chosen.beta * turnMean, outcome })),
  );
  const { pairs, loss } = preferenceLoss(byTurn);
  const inRange = scored.every(({ outcome }) => outcome >= 0 && outcome <= 1);
  const evidence = {
    rollouts: scored.length,
    groups: groups.length,
    groups_without_contrast: groups.filter(isEven).length,
    sign_accuracy: signAccuracy(scored),
    ce_loss: inRange ? crossEntropy(scored, chosen.beta) : NaN,
    dpo_loss: pairs === 0 ? NaN : loss,
    dpo_pairs: pairs,
  };
  return { scope, value, evidence, ...lacking, alarm: value <= chosen.alarm };
}

/** `success`, else `reward`; and the log-ratios over the trained tokens. Null where one of them is not logged. */
function scoreOf(
  trajectory: Trajectory,
  { reference }: Chosen,
  missing: Set<string>,
): Omit<Scored, "group"> | null {
  const row = new Row(trajectory, stepsOf);
  const { success, reward } = trajectory;
  const outcome = success === null ? reward : Number(success);
  const names = ["rm_logprobs", `${reference}_logprobs`] as const;
  const [policy, other] = names.map((name) => {
    const found = row.tokenSource === "none" ? null : row.sourcedTokens(name, "auto");
    if (found === null) missing.add(`token.${name}`);
    return found?.values ?? null;
  });
  if (Number.isNaN(outcome)) missing.add("trajectory.success");
  if (Number.isNaN(outcome) || !policy || !other) return null;
  const { mask, first } = row.positions;
  const ratio = policy.map((x, t) => (mask[t] === 1 ? x - other[t]! : 0));
  const perTurn = row.policyTurns.map((turn) =>
    ratio.subarray(first[turn], first[turn + 1]).reduce((a, b) => a + b, 0),
  );
  const score = perTurn.reduce((a, b) => a + b, 0);
  return { score, outcome, turnMean: score / perTurn.length };
}

/** Groups of two or more. */
function groupsOf(scored: readonly Scored[]): readonly (readonly Scored[])[] {
  const groups = new Map<string, Scored[]>();
  for (const one of scored) {
    if (one.group === null) continue;
    const known = groups.get(one.group);
    if (known === undefined) groups.set(one.group, [one]);
    else known.push(one);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function isEven(group: readonly Scored[]): boolean {
  return group.every(({ outcome }) => outcome === group[0]!.outcome);
}
