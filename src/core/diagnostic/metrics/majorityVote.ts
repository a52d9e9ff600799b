import type { Trajectory } from "../../rollout/trajectory.ts";
import { meanOf } from "../../stats/moments.ts";
import { groupScope, groupsOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { textField } from "../loggedFields.ts";
import {
  type Answer,
  certaintyOf,
  collectiveWeights,
  countAnswers,
  crossLabels,
  voteReward,
  winner,
} from "../vote.ts";
import { lackingOf } from "../lacking.ts";

/** Unanimity and accuracy of a train step, for the alarm over the run. */
interface StepVote {
  readonly unanimous: number;
  readonly accuracy: number;
}

/** Labels and rewards that a vote over extracted answers would give, and how they agree with the verifier. */
export const majorityVote = diagnostic({
  id: "majorityVote",
  label: "Voting pseudo-rewards",
  doc: "Label and rewards of each group by a vote over the answers in the field `pred`: the majority, Co-Reward's cross vote between the versions of a question (field `view`), or RLCCF's vote (from its text) of several models (field `model`) weighted by their self-consistency. With it: agreement, entropy, margin, and how often vote and verifier differ.",
  paper: "https://arxiv.org/abs/2508.00410",
  status: "code",
  scope: "group",
  needs: ["trajectory.pred", "trajectory.group"],
  params: {
    form: {
      kind: "choice",
      choices: ["auto", "majority", "cross", "weighted"],
      default: "auto",
      doc: "auto: cross where a group has several views, weighted where it has several models, else majority",
    },
    alarm: {
      kind: "number",
      default: 0.2,
      min: 0,
      max: 1,
      doc: "rise of unanimity without a rise of accuracy that is worth a look",
    },
  },
  presets: { default: {}, "released:coReward": { form: "cross" }, rlccf: { form: "weighted" } },
  measure({ form, alarm }) {
    const steps: StepVote[] = [];
    let run = "";
    return {
      batch(batch) {
        ({ run } = batch);
        const groups = groupsOf(batch).filter((group) =>
          group.some((one) => textField(one, "pred") !== null),
        );
        if (groups.length === 0)
          return [
            {
              scope: { run },
              value: null,
              evidence: {},
              missing: lackingOf(batch.members, ["trajectory.pred", "trajectory.group"]),
            },
          ];
        const found = groups.map((group) => measureGroup(batch, group, form));
        steps.push({
          unanimous: meanOf(found.map(({ evidence }) => (evidence["agreement"] === 1 ? 1 : 0))),
          accuracy: meanOf(groups.flat().map(({ success }) => (success === null ? NaN : Number(success)))),
        });
        return found;
      },
      end: () => (steps.length < 2 ? [] : [collapseOf(run, steps, alarm)]),
    };
  },
});

type Form = "auto" | "majority" | "cross" | "weighted";

function measureGroup(batch: MeasuredBatch, group: readonly Trajectory[], form: Form): Measurement {
  const answers = group.map((one) => textField(one, "pred"));
  const views = parts(group, "view");
  const models = parts(group, "model");
  const chosen =
    form !== "auto" ? form : views.length > 1 ? "cross" : models.length > 1 ? "weighted" : "majority";
  const perView = crossLabels(views.map((members) => members.map((i) => answers[i]!)));
  const weights =
    chosen === "weighted"
      ? collectiveWeights(models.map((members) => members.map((i) => answers[i]!)))
      : countAnswers(answers);
  const label = winner(weights);
  const labels: Answer[] = answers.map((_, i) =>
    chosen === "cross" ? (perView[views.findIndex((members) => members.includes(i))] ?? null) : label,
  );
  const rewards = answers.map((answer, i) => voteReward(answer, labels[i]!));
  const verified = group.flatMap(({ success }, i) =>
    success === null ? [] : [Number(Number(success) !== rewards[i])],
  );
  const evidence = {
    form: chosen,
    rollouts: Object.fromEntries(
      group.map(({ id }, i) => [id, { answer: answers[i]!, label: labels[i]!, reward: rewards[i]! }]),
    ),
    weights: Object.fromEntries(weights),
    ...certaintyOf(answers, weights, label),
    unlikeVerifier: meanOf(verified),
  };
  return { scope: groupScope(batch, group[0]!.group), value: label, evidence };
}

/** Members of a group by a field of theirs, as indices in the order of first appearance; one part where it is not logged. */
function parts(group: readonly Trajectory[], name: string): readonly (readonly number[])[] {
  const members = new Map<string, number[]>();
  group.forEach((one, i) => {
    const key = textField(one, name) ?? "";
    members.set(key, [...(members.get(key) ?? []), i]);
  });
  return [...members.values()];
}

/** Answers converge on one while no more of them are right: the vote rewards agreement, not truth. */
function collapseOf(run: string, steps: readonly StepVote[], alarm: number): Measurement {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const rise = last.unanimous - first.unanimous;
  const learnt = last.accuracy - first.accuracy;
  const evidence = {
    unanimous: steps.map(({ unanimous }) => unanimous),
    accuracy: steps.map(({ accuracy }) => accuracy),
    accuracyRise: learnt,
  };
  return { scope: { run }, value: rise, evidence, alarm: rise >= alarm && learnt < alarm / 2 };
}
