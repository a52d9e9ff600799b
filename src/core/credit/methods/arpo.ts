import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import { keyedMoments } from "../primitives/keyedMoments.ts";
import { asksForReplay } from "../primitives/replayRule.ts";

const lanes = {
  reward: { level: "trajectory", doc: "outcome reward; a stored success's where the rule put one in" },
  replayed: { level: "trajectory", doc: "1 = put in from the replay buffer, by the log or by the rule" },
  score: { level: "trajectory", doc: "what the rule looks at: `eval_result`, else success, else the reward" },
  asks: {
    level: "trajectory",
    doc: "1 where the rollouts of the group's own would ask for a stored success",
  },
  mean: { level: "trajectory", doc: "mean reward of the group that the credit compares with" },
  std: { level: "trajectory", doc: "its standard deviation (n − 1)" },
  withReplay: { level: "trajectory", kind: "base", doc: "advantage against all members of the group" },
  withoutReplay: { level: "trajectory", doc: "advantage against those that were not put in" },
} as const;

type Input = MethodInput<"reward", "success" | "trajectory.replayed" | "trajectory.eval_result">;
type Output = MethodOutput<keyof typeof lanes>;

/**
 * ARPO (GUI agents with experience replay): GRPO, where a group of failures gets one stored success in place of its first
 * rollout, so that its mean and deviation are not the policy's alone.
 *
 * Lu et al. (arXiv:2505.16282); dvlab-research/ARPO `apply_replay` (read, not run: there are no outputs to compare with). Rows
 * that the log marks `replayed` (true, in the rollout or its metadata) are the ones put in; the rollout that each took the
 * place of is not in the log, so the rule is judged by those that are left. `replay: rule` asks what the rule would do to a log
 * without replay: the group's first rollout, by the order of the log, makes room for `storedReward`.
 */
export const arpo = creditMethod({
  id: "arpo",
  label: "ARPO",
  doc: "GRPO over groups into which a stored success was put: the advantage with and without the rollouts marked `replayed`.",
  paper: "https://arxiv.org/abs/2505.16282",
  math: String.raw`A_i = \frac{R_i - \operatorname{mean}(R_{g \cup \mathrm{replay}})}{\operatorname{std}(R_{g \cup \mathrm{replay}}) + \epsilon}, \quad \text{replay if } \operatorname{std}(R_g) < 0.05 \wedge \operatorname{mean}(R_g) < 0.2`,
  status: "text",
  level: "trajectory",
  comparesGroup: true,
  needs: ["reward"],
  uses: ["success", "trajectory.replayed", "trajectory.eval_result"],
  params: {
    replay: {
      kind: "choice",
      choices: ["logged", "without", "rule"],
      default: "logged",
      doc: "compare with the group as logged, with the rollouts that were not put in, or with the group after the rule",
    },
    maxStd: {
      kind: "number",
      default: 0.05,
      min: 0,
      doc: "the rule: the scores' standard deviation (n) is below this",
    },
    maxMean: { kind: "number", default: 0.2, doc: "the rule: the scores' mean is below this" },
    storedReward: {
      kind: "number",
      default: 1.5,
      doc: "reward of the stored success (`replay: rule`): 1 for the task and 0.5 for the format",
    },
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the group's standard deviation" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["nan", "zero", "raw"],
      default: "nan",
      doc: "a group of one: none (the release refuses it), 0, or its raw score",
    },
  },
  presets: { "released:arpo": {}, "released:arpoNoReplay": { replay: "without" } },
  lanes,
  run(batch, params, out) {
    out.reward.set(batch.reward);
    scoresOf(batch, out);
    const own = out.replayed.map((is) => 1 - is);
    asksForReplay(batch, out.score, own, params, out.asks);
    if (params.replay === "rule") putIn(batch, params.storedReward, out);

    const [mean, std] = [new Float64Array(own.length), new Float64Array(own.length)];
    const size = new Float64Array(own.length);
    const against = (key: Int32Array, credit: Float64Array): void => {
      keyedMoments({ key, nKeys: batch.nGroups }, out.reward, params.singleton, {
        mean,
        variance: std,
        size,
      });
      for (let r = 0; r < credit.length; r++) {
        std[r] = Math.sqrt(std[r]!);
        credit[r] = (out.reward[r]! - mean[r]!) / (params.normalizeByStd ? std[r]! + params.epsilon : 1);
      }
      if ((params.replay === "without") === (credit === out.withoutReplay)) {
        out.mean.set(mean);
        out.std.set(std);
        out.credit.set(credit);
      }
    };
    against(batch.group, out.withReplay);
    against(
      batch.group.map((g, r) => (out.replayed[r] === 1 ? -1 : g)),
      out.withoutReplay,
    );
  },
  formula: ({ normalizeByStd }) => [
    {
      left: "A",
      symbols: normalizeByStd ? "(R − mean) / (std + ε)" : "R − mean",
      numbers: normalizeByStd ? "({reward} − {mean}) / ({std} + {epsilon})" : "{reward} − {mean}",
      equals: "credit",
    },
  ],
});

function scoresOf(batch: Input, { score, replayed }: Output): void {
  const { success, "trajectory.eval_result": evaluated, "trajectory.replayed": marked } = batch;
  for (let r = 0; r < batch.nRollouts; r++) {
    replayed[r] = marked?.[r] === 1 ? 1 : 0;
    score[r] =
      [evaluated?.[r], success?.[r]].find((x) => x !== undefined && !Number.isNaN(x)) ?? batch.reward[r]!;
  }
}

/** A stored success in place of the first rollout of each group that asks for one and has none. */
function putIn({ group, nGroups }: Input, storedReward: number, { asks, replayed, reward }: Output): void {
  const done = new Uint8Array(nGroups);
  group.forEach((g, r) => (done[g]! |= replayed[r]!));
  group.forEach((g, r) => {
    if (asks[r] !== 1 || done[g] === 1) return;
    done[g] = 1;
    replayed[r] = 1;
    reward[r] = storedReward;
  });
}
