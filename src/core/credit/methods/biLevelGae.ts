import { creditMethod } from "../method.ts";
import { biLevelGae as advantages } from "../primitives/biLevelGae.ts";
import { placeAtTurnEnds } from "../primitives/turnEnds.ts";
import { whiten } from "../primitives/whiten.ts";

/**
 * Bi-level GAE: a critic's advantage over the turns, whose return is the reward of the turn's last token, then over the tokens
 * inside each turn; whitened over the batch.
 *
 * VAGEN (arXiv:2510.16907) and RAGEN (`compute_bi_level_gae_advantage_return`). The release takes every token with a reward
 * that is not 0 for a turn's end (`turnEnds: reward`): a turn with reward 0 melts into the next, and a rollout whose last token
 * has none has no credit (the release fails there). `turnEnds: turns` takes the turns as logged (own).
 */
export const biLevelGae = creditMethod({
  id: "biLevelGae",
  label: "Bi-level GAE",
  doc: "GAE over the turns first, then over the tokens of each turn with the turn's return as its reward. Needs the critic's values.",
  paper: "https://arxiv.org/abs/2510.16907",
  math: String.raw`A^T_k = R_k + \gamma_T V_{k+1} - V_k + \gamma_T \lambda A^T_{k+1}, \qquad A_t = r_t + \gamma V_{t+1} - V_t + \gamma \lambda A_{t+1}, \quad r_{e_k} = A^T_k + V_k`,
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "tokenReward", "value"],
  uses: ["turnReward"],
  alsoNeeds: ({ turnEnds }) => (turnEnds === "turns" ? ["turnReward"] : []),
  params: {
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a token, inside a turn" },
    turnGamma: { kind: "number", default: 0.95, min: 0, max: 1, doc: "discount a turn" },
    lambda: {
      kind: "number",
      default: 1,
      min: 0,
      max: 1,
      doc: "weight of looking further ahead, at both levels",
    },
    turnEnds: {
      kind: "choice",
      choices: ["reward", "turns"],
      default: "reward",
      doc: "a turn ends where a token has a reward that is not 0 (released), or where the log's turns end (own)",
    },
    stage: {
      kind: "choice",
      choices: ["whitened", "raw"],
      default: "whitened",
      doc: "the advantage as the trainer uses it, or before whitening",
    },
    source: {
      kind: "text",
      default: "auto",
      doc: "values: auto (logged, else the scorer's), logged, or a scorer's name",
    },
  },
  presets: { "released:ragen": {}, turns: { turnEnds: "turns" } },
  lanes: {
    turnReward: { level: "token", doc: "reward of the turn, at each of its tokens" },
    turnValue: { level: "token", doc: "value at the turn's end" },
    turnNextValue: { level: "token", doc: "value at the next turn's end" },
    turnNextAdvantage: { level: "token", doc: "advantage of the next turn" },
    turnReturn: { level: "token", doc: "return of the turn" },
    reward: { level: "token", doc: "reward inside the turn: its return at its end, else 0" },
    value: { level: "token", doc: "the critic's value" },
    nextValue: { level: "token", doc: "value of the turn's next trained token" },
    nextAdvantage: { level: "token", doc: "advantage of the turn's next trained token" },
    raw: { level: "token", doc: "advantage before whitening" },
    returns: { level: "token", doc: "advantage before whitening plus value" },
    mean: { level: "batch", doc: "mean advantage of the batch's trained tokens" },
    spread: { level: "batch", doc: "variance of the advantages" },
  },
  run(batch, params, out) {
    const { turnReward, value, raw, returns, credit } = out;
    const isEnd = new Uint8Array(value.length);
    value.set(batch.value);
    turnReward.fill(0);
    if (params.turnEnds === "turns") placeAtTurnEnds(batch, batch.turnReward!, { reward: turnReward, isEnd });
    else {
      turnReward.set(batch.tokenReward);
      isEnd.set(turnReward.map((x) => (x === 0 ? 0 : 1)));
    }
    const whole = advantages(batch, { turnReward, isEnd, value }, params, { ...out, advantage: raw });
    const counted = batch.mask.slice();
    for (let r = 0; r < batch.nRollouts; r++) {
      const [from, to] = [batch.positions[r]!, batch.positions[r + 1]!];
      if (whole[r] === 0) counted.fill(0, from, to);
      // The turn's reward stands at its end; readers of a formula look it up at any of its tokens.
      for (let t = to - 2; t >= from; t--) if (isEnd[t] === 0) turnReward[t] = turnReward[t + 1]!;
      for (let t = from; t < to; t++)
        returns[t] = batch.mask[t] === 1 || isEnd[t] === 1 ? raw[t]! + value[t]! : 0;
    }
    if (params.stage === "raw") {
      credit.set(raw);
      return;
    }
    const moments = whiten(raw, counted, credit);
    if (moments.n < 2) out.warn("few-tokens");
    out.mean[0] = moments.mean;
    out.spread[0] = moments.variance;
  },
  formula: ({ stage }) => [
    {
      left: "G^T",
      symbols: "R + γ_T V⁺ + γ_T λA^T⁺",
      numbers: "{turnReward} + {turnGamma} · {turnNextValue} + {turnGamma} · {lambda} · {turnNextAdvantage}",
      equals: "turnReturn",
    },
    {
      left: "A",
      symbols: "r + γV⁺ − V + γλA⁺",
      numbers: "{reward} + {gamma} · {nextValue} − {value} + {gamma} · {lambda} · {nextAdvantage}",
      equals: "raw",
    },
    ...(stage === "raw"
      ? []
      : [
          {
            left: "Â",
            symbols: "(A − mean) / √(var + 1e-8)",
            numbers: "({raw} − {mean}) / √({spread} + 1e-8)",
            equals: "credit",
          },
        ]),
  ],
});
