import { creditMethod, type MethodOutput } from "../method.ts";
import type { BatchShape } from "../columns.ts";
import {
  baseAdvantage,
  baseColumns,
  baseFormula,
  baseLanes,
  baseNeeds,
  baseParams,
} from "../primitives/baseAdvantage.ts";
import {
  type Band,
  epochWeight,
  insideBand,
  meansByTurnNumber,
  turnMeans,
} from "../primitives/entropyBand.ts";

const lanes = {
  ...baseLanes,
  entropy: { level: "token", doc: "entropy of the token" },
  meanEntropy: { level: "turn", doc: "mean entropy of the turn's tokens" },
  history: { level: "turn", doc: "mean entropy of past epochs at this turn" },
  penalty: { level: "token", doc: "0 inside the band, else the penalty" },
  weight: { level: "token", doc: "1 inside the band, else the penalty's number", kind: "weight" },
  epochWeight: { level: "trajectory", doc: "weight of the penalty at this epoch" },
  within: { level: "batch", doc: "share of tokens (or turns) inside the band" },
} as const;

type Lanes = MethodOutput<keyof typeof lanes>;
interface Chosen extends Band {
  readonly per: "token" | "sequence";
  readonly history: "logged" | "batch" | "none";
  readonly outOfRange: number;
}

/**
 * EPO, entropy smoothing: a token whose entropy leaves the band around what past epochs had at the same turn is held back.
 *
 * arXiv:2509.22576; WujiangXu/EPO `generate_entropy_mask` (form mask: multiplies the advantage) and
 * `generate_entropy_penalty` (form penalty: subtracted from the entropy bonus, as its trainer does, times
 * `epochWeight`). Bounds are strict, and a history of 0 has nothing inside. Sequence mode takes the mean over all tokens
 * of the turn, masked ones too; padding, which the release averages in as well, is in no log. Without a history the
 * release returns ones (`history: none`).
 */
export const epo = creditMethod({
  id: "epo",
  label: "EPO entropy smoothing",
  doc: "Holds back tokens whose entropy (`tokens.entropy`) left the band around the turn's history (`entropy_history` of the turn).",
  paper: "https://arxiv.org/abs/2509.22576",
  math: String.raw`w_t = \begin{cases} 1 & 0.8\,h_k < H_t < 1.2\,h_k \\ 0.1 & \text{else} \end{cases}, \qquad \hat A_t = A_t\, w_t`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "token.entropy"],
  uses: [...baseColumns, "turn.entropy_history", "trajectory.epoch"],
  alsoNeeds: (params) => [
    ...baseNeeds(params),
    ...(params.history === "logged" ? (["turn.entropy_history"] as const) : []),
    ...(params.smoothWeights ? (["trajectory.epoch"] as const) : []),
  ],
  params: {
    form: {
      kind: "choice",
      choices: ["mask", "penalty"],
      default: "mask",
      doc: "multiply the advantage by the mask, or subtract the penalty from an entropy bonus",
    },
    per: {
      kind: "choice",
      choices: ["token", "sequence"],
      default: "token",
      doc: "compare each token's entropy, or the turn's mean",
    },
    history: {
      kind: "choice",
      choices: ["logged", "batch", "none"],
      default: "logged",
      doc: "the turn's `entropy_history`; the mean of this batch's turns of the same number (own); or no history yet",
    },
    minRatio: { kind: "number", default: 0.8, min: 0, doc: "lower end of the band, times the history" },
    maxRatio: { kind: "number", default: 1.2, min: 0, doc: "upper end of the band, times the history" },
    outOfRange: { kind: "number", default: 0.1, min: 0, doc: "penalty and mask outside the band" },
    beta: { kind: "number", default: 1, min: 0, doc: "form penalty: weight of the penalty" },
    entropyCoefficient: {
      kind: "number",
      default: 0.001,
      min: 0,
      doc: "form penalty: weight of the entropy bonus",
    },
    smoothWeights: {
      kind: "boolean",
      default: false,
      doc: "form penalty: let its weight fall over the epochs (`epoch` of the rollout)",
    },
    epochs: { kind: "number", default: 150, min: 0, doc: "epochs of the whole training" },
    ...baseParams,
  },
  presets: {
    "released:mask": {},
    "released:penalty": { form: "penalty" },
    "released:script": { form: "penalty", minRatio: 0.5, maxRatio: 1.5 },
  },
  lanes,
  run(batch, params, out) {
    baseAdvantage(batch, params, out);
    out.entropy.set(batch["token.entropy"]);
    turnMeans(batch, out.entropy, out.meanEntropy);
    if (params.history === "logged") out.history.set(batch["turn.entropy_history"]!);
    else if (params.history === "batch") meansByTurnNumber(batch, out.meanEntropy, out.history);
    smooth(batch, params, out);
    out.epochWeight.fill(1);
    if (params.smoothWeights)
      out.epochWeight.set(batch["trajectory.epoch"]!.map((epoch) => epochWeight(epoch, params.epochs)));
    const { base, weight, entropy, penalty } = out;
    for (let r = 0; r < batch.nRollouts; r++)
      for (let t = batch.positions[r]!; t < batch.positions[r + 1]!; t++) {
        const bonus = entropy[t]! - params.beta * penalty[t]! * out.epochWeight[r]!;
        out.credit[t] =
          params.form === "mask" ? base[t]! * weight[t]! : base[t]! + params.entropyCoefficient * bonus;
      }
  },
  formula: (params) => [
    ...baseFormula(params),
    params.form === "mask"
      ? { left: "Â", symbols: "A · w", numbers: "{base} · {weight}", equals: "credit" }
      : {
          left: "Â",
          symbols: "A + c · (H − β · penalty · w_epoch)",
          numbers: "{base} + {entropyCoefficient} · ({entropy} − {beta} · {penalty} · {epochWeight})",
          equals: "credit",
        },
  ],
});

/** Penalty and mask of every token of the policy's turns; NaN where the turn has no history. */
function smooth(
  { turnFrom, turnTo }: BatchShape,
  params: Chosen,
  { entropy, meanEntropy, history, penalty, weight, within }: Lanes,
): void {
  if (params.history === "none") {
    penalty.fill(1);
    weight.fill(1);
    return;
  }
  let compared = 0;
  let inside = 0;
  for (let u = 0; u < turnFrom.length; u++) {
    const known = !Number.isNaN(history[u]!);
    let isInside = insideBand(meanEntropy[u]!, history[u]!, params);
    for (let t = turnFrom[u]!; t < turnTo[u]!; t++) {
      if (params.per === "token") isInside = insideBand(entropy[t]!, history[u]!, params);
      penalty[t] = !known ? NaN : isInside ? 0 : params.outOfRange;
      weight[t] = !known ? NaN : isInside ? 1 : params.outOfRange;
      if (!known || (params.per === "sequence" && t > turnFrom[u]!)) continue;
      compared++;
      if (isInside) inside++;
    }
  }
  within[0] = inside / compared;
}
