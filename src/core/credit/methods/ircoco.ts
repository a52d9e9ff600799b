import { creditMethod } from "../method.ts";

/**
 * IRCoCo: each token of a completion earns the change it makes to an evaluator's score of the text so far.
 *
 * Li et al. (arXiv:2401.16637); Libolun-star/IRCoCo `APPSBaseDataset.rl_task`, whose rewards pass through text of four
 * decimals and whose end token gets 0 (a second dataset file there: the score itself, its last one repeated). The score
 * of the text before each token is read as a critic's value is: the change is the next trained token's value minus this one's,
 * and the last trained token, which ends the completion, changes nothing.
 */
export const ircoco = creditMethod({
  id: "ircoco",
  label: "IRCoCo",
  doc: "Change of a learned evaluator's score by each token. Needs the score of the text before each token: `values`, or a scorer's.",
  paper: "https://arxiv.org/abs/2401.16637",
  math: String.raw`r_t = Q(x, y_{\le t}) - Q(x, y_{<t})`,
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "value"],
  params: {
    form: {
      kind: "choice",
      choices: ["difference", "score"],
      default: "difference",
      doc: "change of the score, or the score after the token (the second released dataset)",
    },
    round: { kind: "boolean", default: true, doc: "to four decimals, as the release writes them" },
    source: {
      kind: "text",
      default: "auto",
      doc: "scores: auto (logged, else the scorer's), logged, or a scorer's name",
    },
  },
  presets: { "released:ircoco": {}, "released:ircocoScore": { form: "score" }, paper: { round: false } },
  lanes: {
    before: { level: "token", doc: "score of the text before the token" },
    after: { level: "token", doc: "score of the text with the token" },
    change: { level: "token", doc: "change of the score" },
  },
  run({ nRollouts, positions, mask, value }, { form, round }, { before, after, change, credit }) {
    for (let r = 0; r < nRollouts; r++) {
      let next: number | null = null;
      for (let t = positions[r + 1]! - 1; t >= positions[r]!; t--) {
        if (mask[t] !== 1) continue;
        before[t] = value[t]!;
        after[t] = next ?? value[t]!;
        change[t] = after[t]! - before[t]!;
        const reward = form === "difference" ? change[t]! : after[t]!;
        credit[t] = round ? toFourDecimals(reward) : reward;
        next = value[t]!;
      }
    }
  },
  formula: ({ form, round }) => {
    const change = {
      left: "ΔQ",
      symbols: "Q(y≤t) − Q(y<t)",
      numbers: "{after} − {before}",
      equals: "change",
    };
    const own =
      form === "difference" ? change : { left: "Q", symbols: "Q(y≤t)", numbers: "{after}", equals: "after" };
    if (!round) return [{ ...own, left: "r", equals: "credit" }];
    return [
      own,
      { left: "r", symbols: `${own.left} to four decimals`, numbers: "{credit}", equals: "credit" },
    ];
  },
});

/** As the release's text has it: of two equally near the even one. Only odd multiples of 1/32 lie in the middle. */
function toFourDecimals(x: number): number {
  if (Math.abs(x * 32) % 2 !== 1) return Number(x.toFixed(4));
  const below = Math.floor(x * 1e4);
  return (below % 2 === 0 ? below : below + 1) / 1e4;
}
