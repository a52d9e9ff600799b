import { creditMethod } from "../method.ts";
import { gae } from "../primitives/gae.ts";
import { suffixSums } from "../primitives/suffix.ts";

/**
 * PPR with ReNorm: a judge's score of each turn and the outcome, both centred at ½, so that no turn of a wrong episode is
 * rewarded and none of a right one punished.
 *
 * Xu et al. (arXiv:2509.25598); from the paper's text. Training goes on with PPO: `form` gae is its advantage over turns,
 * from a critic's value of each (`value`). A turn without a score has no reward.
 */
export const ppr = creditMethod({
  id: "ppr",
  label: "PPR (ReNorm)",
  doc: "A judge's score of each turn, normalised with the outcome: at least 0 where the outcome is right, at most 0 where it is wrong.",
  paper: "https://arxiv.org/abs/2509.25598",
  math: String.raw`r_t = r_p + r_o - 1, \qquad r_p = \frac{\text{judge's score}}{\text{its maximum}} \in [0, 1], \; r_o \in \{0, 1\}`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["turn.judge_score", "success"],
  uses: ["turn.value"],
  alsoNeeds: ({ form }) => (form === "gae" ? ["turn.value"] : []),
  params: {
    form: {
      kind: "choice",
      choices: ["reward", "return", "gae"],
      default: "reward",
      doc: "credit of a turn: its reward, its discounted return, or its advantage over `value`",
    },
    maximum: { kind: "number", default: 1, min: 1e-9, doc: "greatest score the judge can give" },
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a turn" },
    lambda: { kind: "number", default: 1, min: 0, max: 1, doc: "weight of later turns' errors (gae)" },
  },
  presets: { paper: {}, return: { form: "return" }, gae: { form: "gae" } },
  lanes: {
    process: { level: "turn", doc: "r_p: the judge's score over its maximum" },
    outcome: { level: "trajectory", doc: "r_o: 1 right, 0 wrong" },
    reward: { level: "turn", doc: "reward of the turn" },
    value: { level: "turn", doc: "critic's value of the turn" },
    nextValue: { level: "turn", doc: "value of the next turn, 0 at the last" },
    next: { level: "turn", doc: "return, or advantage, of the next turn" },
  },
  run(batch, { form, maximum, gamma, lambda }, out) {
    const { process, outcome, reward, value, nextValue, next, credit } = out;
    const { turns } = batch;
    outcome.set(batch.success);
    for (let r = 0; r < batch.nRollouts; r++) {
      for (let u = turns[r]!; u < turns[r + 1]!; u++) {
        process[u] = batch["turn.judge_score"][u]! / maximum;
        reward[u] = process[u]! + outcome[r]! - 1;
      }
    }
    if (form === "reward") credit.set(reward);
    else if (form === "return") {
      suffixSums(turns, reward, gamma, credit);
      for (let r = 0; r < batch.nRollouts; r++)
        for (let u = turns[r]!; u < turns[r + 1]!; u++) next[u] = u + 1 < turns[r + 1]! ? credit[u + 1]! : 0;
    } else {
      value.set(batch["turn.value"]!);
      const overTurns = { ...batch, positions: turns, mask: new Uint8Array(reward.length).fill(1) };
      gae(
        overTurns,
        { reward, value },
        { gamma, lambda, holes: "ignore", finalValue: null },
        { nextValue, nextAdvantage: next, advantage: credit },
      );
    }
  },
  formula: ({ form }) => {
    const reward = { left: "r", symbols: "r_p + r_o − 1", numbers: "{process} + {outcome} − 1" };
    if (form === "reward") return [{ ...reward, equals: "credit" }];
    const last =
      form === "return"
        ? { symbols: "r + γG⁺", numbers: "{reward} + {gamma} · {next}" }
        : {
            symbols: "r + γV⁺ − V + γλA⁺",
            numbers: "{reward} + {gamma} · {nextValue} − {value} + {gamma} · {lambda} · {next}",
          };
    return [
      { ...reward, equals: "reward" },
      { left: form === "return" ? "G" : "A", ...last, equals: "credit" },
    ];
  },
});
