import { creditMethod } from "../method.ts";

/**
 * SRUM: an understanding module's scores of a generation, of the whole and of its regions, as one reward: their product, or a
 * weighted sum.
 *
 * Jin et al. (arXiv:2510.12784) score both; how they are put together here is this project's. The scores are read from the
 * log.
 */
export const srum = creditMethod({
  id: "srum",
  label: "SRUM",
  doc: "Logged scores of the whole and of its regions (`rewards.global`, `rewards.regional`) as one reward: product, or weighted sum.",
  paper: "https://arxiv.org/abs/2510.12784",
  math: String.raw`r = r_{global} \, r_{regional} \quad\text{or}\quad r = w \, r_{global} + (1 - w) \, r_{regional}`,
  status: "own",
  level: "trajectory",
  comparesGroup: false,
  needs: ["trajectory.rewards.global", "trajectory.rewards.regional"],
  params: {
    form: {
      kind: "choice",
      choices: ["product", "sum"],
      default: "product",
      doc: "how the two are put together",
    },
    omega: { kind: "number", default: 0.5, min: 0, max: 1, doc: "weight of the whole in the sum" },
  },
  presets: { product: {}, weighted: { form: "sum" } },
  lanes: {
    global: { level: "trajectory", doc: "score of the whole" },
    regional: { level: "trajectory", doc: "score of the regions" },
  },
  run(batch, { form, omega }, { global, regional, credit }) {
    global.set(batch["trajectory.rewards.global"]);
    regional.set(batch["trajectory.rewards.regional"]);
    for (let r = 0; r < batch.nRollouts; r++) {
      credit[r] =
        form === "product" ? global[r]! * regional[r]! : omega * global[r]! + (1 - omega) * regional[r]!;
    }
  },
  formula: ({ form }) => [
    form === "product"
      ? { left: "r", symbols: "global · regional", numbers: "{global} · {regional}", equals: "credit" }
      : {
          left: "r",
          symbols: "w · global + (1 − w) · regional",
          numbers: "{omega} · {global} + (1 − {omega}) · {regional}",
          equals: "credit",
        },
  ],
});
