import { creditMethod } from "../method.ts";
import { logRatios } from "../primitives/implicitReward.ts";
import { stepTotals } from "../primitives/stepTotals.ts";

/**
 * Free process rewards: a reward model that is a log-ratio of language models, trained on outcomes alone, scores every
 * step on its way. Q_k = β Σ (log π_φ − log π_ref) over the tokens up to the end of step k.
 *
 * Yuan et al. (arXiv:2412.01981); PRIME-RL/ImplicitPRM `get_reward`, `manipulate_rewards`. A step
 * without tokens has no score.
 */
export const implicitPrm = creditMethod({
  id: "implicitPrm",
  label: "Implicit PRM",
  doc: "Step scores of a log-ratio reward model: how much each step adds to the log-ratio of the model and its reference.",
  paper: "https://arxiv.org/abs/2412.01981",
  math: String.raw`Q_k = \beta \sum_{t \le e_k} \log\frac{\pi_\phi(y_t \mid y_{<t})}{\pi_{ref}(y_t \mid y_{<t})}, \qquad r_k = Q_k - Q_{k-1}`,
  status: "code",
  level: "step",
  comparesGroup: false,
  needs: ["mask", "stepText"],
  uses: ["token.logprobs", "token.rm_logprobs", "token.ref_logprobs"],
  alsoNeeds: ({ model, reference }) => [
    model === "rm" ? "token.rm_logprobs" : "token.logprobs",
    ...(reference === "ref" ? (["token.ref_logprobs"] as const) : []),
  ],
  params: {
    form: {
      kind: "choice",
      choices: ["single", "accumulative"],
      default: "single",
      doc: "score of a step: what it adds, or all up to its end",
    },
    model: {
      kind: "choice",
      choices: ["policy", "rm"],
      default: "policy",
      doc: "the reward model's log-probabilities: `logprobs` (or a scorer's), or `rm_logprobs`",
    },
    reference: {
      kind: "choice",
      choices: ["ref", "none"],
      default: "ref",
      doc: "the reference's: `ref_logprobs`, or none (0)",
    },
    beta: { kind: "number", default: 0.001, doc: "scale of the scores; their order does not depend on it" },
    source: { kind: "text", default: "auto", doc: "log-probabilities: auto, logged, or a scorer's name" },
  },
  presets: {
    "released:implicitPrm": {},
    "released:accumulative": { form: "accumulative" },
    "released:withoutReference": { reference: "none" },
  },
  lanes: {
    logRatio: { level: "token", doc: "log π_φ − log π_ref" },
    ratio: { level: "step", doc: "sum of the log-ratios up to the step's end" },
    ratioBefore: { level: "step", doc: "the same up to the end of the step before; accumulative: 0" },
    least: { level: "trajectory", doc: "least score of a step: a score of the response" },
    sum: { level: "trajectory", doc: "sum of the step scores: another" },
  },
  run(batch, { form, model, reference, beta }, { logRatio, ratio, ratioBefore, least, sum, credit }) {
    const policy = model === "rm" ? batch["token.rm_logprobs"]! : batch["token.logprobs"]!;
    logRatios(policy, reference === "ref" ? batch["token.ref_logprobs"] : null, logRatio);
    stepTotals(batch, logRatio, { upTo: ratio, before: ratioBefore });
    if (form === "accumulative") ratioBefore.fill(0);
    for (let r = 0; r < batch.nRollouts; r++) {
      for (let k = batch.steps[r]!; k < batch.steps[r + 1]!; k++) {
        credit[k] = beta * (ratio[k]! - ratioBefore[k]!);
        if (Number.isNaN(credit[k]!)) continue;
        least[r] = Number.isNaN(least[r]!) ? credit[k]! : Math.min(least[r]!, credit[k]!);
        sum[r] = (Number.isNaN(sum[r]!) ? 0 : sum[r]!) + credit[k]!;
      }
    }
  },
  formula: ({ form }) => [
    form === "single"
      ? {
          left: "r",
          symbols: "β(Σq − Σq before)",
          numbers: "{beta} · ({ratio} − {ratioBefore})",
          equals: "credit",
        }
      : { left: "Q", symbols: "β Σq", numbers: "{beta} · {ratio}", equals: "credit" },
  ],
});
