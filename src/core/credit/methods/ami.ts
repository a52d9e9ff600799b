import type { Lists } from "../columns.ts";
import { creditMethod } from "../method.ts";

/**
 * AMI, adversarial minority influence: the adversary's reward grows with the probability that its victims give to the
 * actions it wants from them.
 *
 * arXiv:2302.03322; DIG-Beihang/AMI `get_target_influence_reward_continuous` was read, no outputs of it were at hand.
 * Form mass: r + λ Σ over victims of that probability, the adversary's own `slot` left out. Form influence, the
 * diagnostic: half the summed distance between a victim's policy given the adversary's action (`policy_given`) and its
 * marginal (`policy_marginal`), from 0 (no influence) to 1.
 */
export const ami = creditMethod({
  id: "ami",
  label: "AMI influence",
  doc: "How much one agent sways others: reward plus the probability its victims put on its target actions (`target_probs`, `slot` of the turn), or the change of a victim's policy.",
  paper: "https://arxiv.org/abs/2302.03322",
  math: String.raw`r + \lambda \sum_{j \ne adv} \pi_j(a^{target}_j), \qquad I = \tfrac12 \sum_a \lvert \pi_j(a \mid a_i) - \pi_j(a) \rvert`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["agent"],
  uses: ["turnReward", "turn.slot", "turn.target_probs[]", "turn.policy_given[]", "turn.policy_marginal[]"],
  alsoNeeds: ({ form }) =>
    form === "mass"
      ? ["turnReward", "turn.slot", "turn.target_probs[]"]
      : ["turn.policy_given[]", "turn.policy_marginal[]"],
  params: {
    form: {
      kind: "choice",
      choices: ["mass", "influence"],
      default: "mass",
      doc: "reward with the mass on target actions, or the change of a victim's policy",
    },
    lambda: { kind: "number", default: 1, doc: "weight of the mass" },
  },
  presets: { paper: {}, influence: { form: "influence" } },
  lanes: {
    reward: { level: "turn", doc: "the adversary's own reward", kind: "base" },
    mass: { level: "turn", doc: "probability that the victims put on the target actions, summed" },
    influence: { level: "turn", doc: "total variation between the victim's policies" },
  },
  run(batch, { form, lambda }, { reward, mass, influence, credit }) {
    for (let u = 0; u < credit.length; u++) {
      if (form === "mass") {
        reward[u] = batch.turnReward![u]!;
        mass[u] = massOfOthers(batch["turn.target_probs[]"]!, u, batch["turn.slot"]![u]!);
        credit[u] = reward[u]! + lambda * mass[u]!;
      } else {
        influence[u] = totalVariation(batch["turn.policy_given[]"]!, batch["turn.policy_marginal[]"]!, u);
        credit[u] = influence[u]!;
      }
    }
  },
  formula: ({ form }) => [
    form === "mass"
      ? { left: "r̂", symbols: "r + λ · mass", numbers: "{reward} + {lambda} · {mass}", equals: "credit" }
      : { left: "I", symbols: "½ Σ|π(·|a) − π|", numbers: "{influence}", equals: "credit" },
  ],
});

/** Sum over the list but for index `slot`; NaN where the list is empty or the slot is not known. */
export function massOfOthers({ offsets, values }: Lists, u: number, slot: number): number {
  const own = values.subarray(offsets[u]!, offsets[u + 1]!);
  if (own.length === 0 || Number.isNaN(slot)) return NaN;
  return own.reduce((sum, p, j) => (j === slot ? sum : sum + p), 0);
}

/** Half the sum of |p − q| of turn `u`; NaN where the lists differ in length or are empty. */
export function totalVariation(p: Lists, q: Lists, u: number): number {
  const given = p.values.subarray(p.offsets[u]!, p.offsets[u + 1]!);
  const marginal = q.values.subarray(q.offsets[u]!, q.offsets[u + 1]!);
  if (given.length === 0 || given.length !== marginal.length) return NaN;
  return given.reduce((sum, x, a) => sum + Math.abs(x - marginal[a]!), 0) / 2;
}
