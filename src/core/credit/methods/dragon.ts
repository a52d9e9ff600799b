import { creditMethod, type MethodInput } from "../method.ts";
import { leaveOneOut, meanDistance, type SetReward } from "../primitives/setReward.ts";

type Input = MethodInput<
  never,
  "reward" | "trajectory.set_reward" | "trajectory.set_reward_without" | "trajectory.embedding[]"
>;

/**
 * DRAGON, leave-one-out: where a reward judges a set of samples and no single one, a sample is worth what the set loses
 * without it.
 *
 * c_i = R(D) − R(D∖{x_i}) for the group's rollouts D. DRAGON (arXiv:2504.15217) optimises distributional rewards; this use
 * of them is from memory and this project's own. R is logged (`set_reward` and `set_reward_without`), the mean distance of
 * the rollouts' `embedding`s (diversity), or the best `reward` (best of n: only a single best rollout counts).
 */
export const dragon = creditMethod({
  id: "dragon",
  label: "DRAGON leave-one-out",
  doc: "What a reward of the whole group (diversity, coverage, best of n) loses without the rollout, and whether that puts it among the better half.",
  paper: "https://arxiv.org/abs/2504.15217",
  math: String.raw`c_i = R(D) - R(D \setminus \{x_i\})`,
  status: "own",
  level: "trajectory",
  comparesGroup: true,
  needs: [],
  uses: ["reward", "trajectory.set_reward", "trajectory.set_reward_without", "trajectory.embedding[]"],
  alsoNeeds: ({ form }) => {
    if (form === "logged") return ["trajectory.set_reward", "trajectory.set_reward_without"];
    return form === "best" ? ["reward"] : ["trajectory.embedding[]"];
  },
  params: {
    form: {
      kind: "choice",
      choices: ["logged", "diversity", "best"],
      default: "logged",
      doc: "R as logged, the mean distance of embeddings, or the best reward",
    },
  },
  presets: { default: {}, diversity: { form: "diversity" }, best: { form: "best" } },
  lanes: {
    whole: { level: "trajectory", doc: "R of the whole group" },
    without: { level: "trajectory", doc: "R without the rollout" },
    rank: {
      level: "trajectory",
      doc: "place in the group by contribution, from 1; equal ones share the first",
    },
    positive: { level: "trajectory", doc: "1 in the better half of the group (D+), else 0 (D−)" },
  },
  run(batch, { form }, { whole, without, rank, positive, credit }) {
    const groups: number[][] = Array.from({ length: batch.nGroups }, () => []);
    batch.group.forEach((g, r) => groups[g]!.push(r));
    const reward = form === "logged" ? null : setRewardOf(batch, form);
    for (const members of groups) {
      const computed = reward === null ? null : leaveOneOut(members, reward);
      members.forEach((r, i) => {
        whole[r] = computed?.whole ?? batch["trajectory.set_reward"]![r]!;
        without[r] = computed?.without[i] ?? batch["trajectory.set_reward_without"]![r]!;
        credit[r] = whole[r]! - without[r]!;
      });
      for (const r of members) {
        const known = members.filter((other) => !Number.isNaN(credit[other]!));
        const isKnown = !Number.isNaN(credit[r]!);
        rank[r] = isKnown ? 1 + known.filter((other) => credit[other]! > credit[r]!).length : NaN;
        positive[r] = isKnown ? Number(rank[r]! <= known.length / 2) : NaN;
      }
    }
  },
  formula: () => [
    { left: "c", symbols: "R(D) − R(D∖{x})", numbers: "{whole} − {without}", equals: "credit" },
  ],
});

function setRewardOf(batch: Input, form: "diversity" | "best"): SetReward {
  if (form === "best")
    return (members) =>
      members.length === 0 ? NaN : members.reduce((best, r) => Math.max(best, batch.reward![r]!), -Infinity);
  const { offsets, values } = batch["trajectory.embedding[]"]!;
  return (members) => meanDistance(members.map((r) => values.subarray(offsets[r], offsets[r + 1])));
}
