import { meanOf } from "../../stats/moments.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { dynamicsRewardOf, type DynamicsTerms, type LogitBounds } from "../dynamicsReward.ts";
import { fieldOf, numbersIn } from "../loggedFields.ts";

interface Limits {
  readonly clip: number;
  readonly range: number;
  readonly learner: number;
  readonly expert: number;
  readonly alarm: number;
}

/** How plausible the steps of an environment, or of a model of it, are. */
export const dynamicsReward = diagnostic({
  id: "dynamicsReward",
  label: "Dynamics reward",
  doc: "Plausibility of each logged transition by an ensemble of discriminators, from `discriminator_logits` of a turn (a number a discriminator): the mean over a rollout, and its least plausible turn. Bounds of the logits come from `learner_values` and `expert_values` of the rollout where they are there.",
  paper: "https://arxiv.org/abs/2310.05422",
  status: "code",
  scope: "rollout",
  needs: ["turn.discriminator_logits"],
  params: {
    clip: {
      kind: "number",
      default: 0.5,
      min: 0,
      max: 1,
      doc: "probabilities are cut here; 1 for the mean as it is",
    },
    range: { kind: "number", default: 1, min: 0, doc: "clamped logits are stretched from −range to range" },
    learner: { kind: "number", default: 0, doc: "lower bound of the logits where the log has none" },
    expert: { kind: "number", default: 1, doc: "upper bound of the logits where the log has none" },
    alarm: { kind: "number", default: 0.4, doc: "dynamics rewards below it are worth a look" },
  },
  presets: { "released:morec": {}, "released:probMean": { clip: 1 } },
  measure: (limits) => ({
    batch: (batch) =>
      batch.members.map(({ trajectory }) => ({
        scope: rolloutScope(batch, trajectory),
        ...plausibilityOf(trajectory, limits),
      })),
    end: () => [],
  }),
});

function plausibilityOf(trajectory: Trajectory, limits: Limits): Omit<Measurement, "scope"> {
  const terms = termsOf(trajectory, limits);
  const rewards = trajectory.turns.flatMap(({ extra }, turn) => {
    const logits = numbersIn(extra.get("discriminator_logits"));
    return logits === null || logits.some(Number.isNaN)
      ? []
      : [{ turn, reward: dynamicsRewardOf(logits, terms) }];
  });
  if (rewards.length === 0) return { value: NaN, evidence: {}, missing: ["turn.discriminator_logits"] };
  const lowest = rewards.reduce((a, b) => (b.reward < a.reward ? b : a));
  return {
    value: meanOf(rewards.map(({ reward }) => reward)),
    evidence: {
      transitions: rewards.length,
      lowest: lowest.reward,
      lowest_turn: lowest.turn,
      implausible_turns: rewards.filter(({ reward }) => reward < limits.alarm).map(({ turn }) => turn),
    },
    alarm: lowest.reward < limits.alarm,
  };
}

function termsOf(trajectory: Trajectory, { clip, range, learner, expert }: Limits): DynamicsTerms {
  const learners = numbersIn(fieldOf(trajectory, "learner_values")) ?? [];
  const experts = numbersIn(fieldOf(trajectory, "expert_values")) ?? [];
  const bounds = Array.from(
    { length: Math.max(1, learners.length, experts.length) },
    (_, d): LogitBounds => ({ learner: learners[d] ?? learner, expert: experts[d] ?? expert }),
  );
  return { bounds, range, clip };
}
