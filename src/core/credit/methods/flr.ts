import { creditMethod } from "../method.ts";
import { listMeans } from "../primitives/listMeans.ts";

/**
 * Follow-up likelihood: a reply is as good as pleased follow-ups of the user are likelier after it than displeased ones.
 *
 * Zhang et al. (arXiv:2409.13948). What is logged decides what is compared: the paper takes the mean token log-probability
 * of each follow-up, averaged over the follow-ups; e0397123/FLR `get_outputs_withprobs` (read, not run) takes raw logits at
 * the first follow-up position only. `difference` (own) credits a reply with the change it made; its first reply
 * needs the same numbers of the trajectory, of the dialogue before any reply.
 */
export const flr = creditMethod({
  id: "flr",
  label: "FLR",
  doc: "Likelihood of pleased minus displeased follow-ups after each reply: `followup_positive` and `followup_negative` of the turns, a mean log-probability for each follow-up.",
  paper: "https://arxiv.org/abs/2409.13948",
  math: String.raw`s_k = \frac{1}{|F^+|} \sum_{f \in F^+} \overline{\log \pi}(f \mid d_{\le k}) - \frac{1}{|F^-|} \sum_{f \in F^-} \overline{\log \pi}(f \mid d_{\le k})`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["turn.followup_positive[]", "turn.followup_negative[]"],
  uses: ["trajectory.followup_positive[]", "trajectory.followup_negative[]"],
  params: {
    form: {
      kind: "choice",
      choices: ["score", "difference"],
      default: "score",
      doc: "score after the reply, or its change by the reply (own)",
    },
  },
  presets: { paper: {}, difference: { form: "difference" } },
  lanes: {
    positive: { level: "turn", doc: "mean log-likelihood of the positive follow-ups" },
    negative: { level: "turn", doc: "mean log-likelihood of the negative follow-ups" },
    score: { level: "turn", doc: "positive minus negative" },
    before: { level: "turn", doc: "score before the reply" },
  },
  run(batch, { form }, { positive, negative, score, before, credit }) {
    listMeans(batch["turn.followup_positive[]"], positive);
    listMeans(batch["turn.followup_negative[]"], negative);
    const first = {
      positive: new Float64Array(batch.nRollouts),
      negative: new Float64Array(batch.nRollouts),
    };
    listMeans(batch["trajectory.followup_positive[]"]!, first.positive);
    listMeans(batch["trajectory.followup_negative[]"]!, first.negative);
    for (let r = 0; r < batch.nRollouts; r++) {
      let last = first.positive[r]! - first.negative[r]!;
      for (let u = batch.turns[r]!; u < batch.turns[r + 1]!; u++) {
        before[u] = last;
        score[u] = last = positive[u]! - negative[u]!;
        credit[u] = form === "score" ? score[u]! : score[u]! - before[u]!;
      }
    }
  },
  formula: ({ form }) => {
    const score = { left: "s", symbols: "L⁺ − L⁻", numbers: "{positive} − {negative}", equals: "score" };
    return form === "score"
      ? [{ ...score, equals: "credit" }]
      : [score, { left: "r", symbols: "s − s⁻", numbers: "{score} − {before}", equals: "credit" }];
  },
});
