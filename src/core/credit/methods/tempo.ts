import { creditMethod } from "../method.ts";
import { groupMean, groupVariance } from "../primitives/groupStatistics.ts";
import { prefixValues } from "../primitives/prefixValues.ts";

/**
 * TEMPO, prefix to tree: the group's token prefixes form a tree whose nodes are worth the mean outcome below them; a
 * token is credited, beside the rollout's own advantage, with the change of value it made.
 *
 * A = (R − mean + V(y≤t) − V(y<t)) / (std + ε); fatebreaker/tempo `compute_tempo_outcome_advantage`. The release stops
 * at a row's first masked token, and gives NaN to a group of one. Masked tokens before the first trained one (a turn's
 * scaffold) do not stop it: a trainer's response begins after them.
 */
export const tempo = creditMethod({
  id: "tempo",
  label: "TEMPO",
  doc: "The rollout's advantage plus the change of the prefix tree's value at each token: credit sits where rollouts part.",
  paper: "https://github.com/fatebreaker/tempo",
  math: String.raw`A_t = \frac{R - \operatorname{mean}(R_g) + V(y_{\le t}) - V(y_{<t})}{\operatorname{std}(R_g) + \epsilon}`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "reward", "ids"],
  params: {
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the group's standard deviation" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["nan", "zero"],
      default: "nan",
      doc: "a group of one: none, or 0",
    },
    holes: {
      kind: "choice",
      choices: ["stop", "stopAtOnce", "carry"],
      default: "stop",
      doc: "at the first token with mask 0: stop (tokens after it get the plain advantage), stopping at a turn's scaffold before the first trained token too, or go on (own)",
    },
  },
  presets: { "released:tempo": {}, paper: { singleton: "zero", holes: "carry" } },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    mean: { level: "trajectory", doc: "mean reward of the group" },
    std: { level: "trajectory", doc: "standard deviation of the group (n − 1)" },
    value: { level: "token", doc: "mean outcome of the rollouts that share the prefix up to this token" },
    before: { level: "token", doc: "the same up to the token before" },
  },
  run(batch, params, { reward, mean, std, value, before, credit }) {
    reward.set(batch.reward);
    groupMean(batch, reward, "zero", mean);
    groupVariance(batch, reward, params.singleton, std);
    const { ids, mask, positions } = batch;
    const shared = new Float64Array(ids.length);
    prefixValues(batch, { ids, outcome: reward }, shared);
    for (let r = 0; r < batch.nRollouts; r++) {
      std[r] = Math.sqrt(std[r]!);
      const unit = params.normalizeByStd ? std[r]! + params.epsilon : 1;
      let begun = false;
      let stopped = false;
      for (let t = positions[r]!; t < positions[r + 1]!; t++) {
        begun ||= mask[t] === 1;
        const stops = params.holes === "stopAtOnce" || (params.holes === "stop" && begun);
        stopped ||= stops && mask[t] === 0;
        before[t] = stopped ? 0 : t === positions[r] ? mean[r]! : shared[t - 1]!;
        value[t] = stopped ? 0 : shared[t]!;
        credit[t] = ((reward[r]! - mean[r]! + value[t]! - before[t]!) / unit) * mask[t]!;
      }
    }
  },
  formula: ({ normalizeByStd }) => [
    {
      left: "A",
      symbols: normalizeByStd ? "(R − mean + V(y≤t) − V(y<t)) / (std + ε)" : "R − mean + V(y≤t) − V(y<t)",
      numbers: normalizeByStd
        ? "({reward} − {mean} + {value} − {before}) / ({std} + {epsilon})"
        : "{reward} − {mean} + {value} − {before}",
      equals: "credit",
    },
  ],
});
