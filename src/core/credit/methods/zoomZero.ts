import { creditMethod } from "../method.ts";
import { normalizeApplied } from "../primitives/rewardTerms.ts";

/** Components that the method knows; what a log has beside them is not read, as in the release. */
const names = ["iou", "answer", "format", "zoom"] as const;

/**
 * Zoom-Zero TokenAdv: each component of the reward is compared within the group by itself and credited to the tokens that
 * earned it: grounding outside the answer part, the answer before the grounding part, format and zoom everywhere.
 *
 * arXiv:2512.14273; xiaoqian-shen/Zoom-Zero `compute_grpo_select_outcome_advantage`: four components divided by three.
 * A component that the log does not know at all counts 0, as released; one that a rollout lacks where others have it is
 * missing for that rollout. `mask_answer` and `mask_iou` count response tokens from 0.
 */
export const zoomZero = creditMethod({
  id: "zoomZero",
  label: "Zoom-Zero TokenAdv",
  doc: "Credits each reward component (`rewards`: iou, answer, format, zoom) to its own part of the response, which `mask_answer` and `mask_iou` mark.",
  paper: "https://arxiv.org/abs/2512.14273",
  math: String.raw`A_t = \tfrac{1}{3}\left(\hat A^{fmt} + \hat A^{zoom} + \hat A^{iou} m^{iou}_t + \hat A^{ans} m^{ans}_t\right)`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "components", "trajectory.mask_answer", "trajectory.mask_iou"],
  params: {
    divisor: { kind: "number", default: 3, min: 1e-9, doc: "what the sum of the four is divided by" },
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the group's standard deviation" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["raw", "zero", "nan"],
      default: "raw",
      doc: "a group of one: its raw components, 0, or none",
    },
  },
  presets: { "released:zoomZero": {} },
  lanes: {
    iou: { level: "trajectory", doc: "advantage of the grounding", kind: "component" },
    answer: { level: "trajectory", doc: "advantage of the answer", kind: "component" },
    format: { level: "trajectory", doc: "advantage of the format", kind: "component" },
    zoom: { level: "trajectory", doc: "advantage of the zoomed-in answer", kind: "component" },
    base: { level: "trajectory", doc: "the four without masks, over the divisor", kind: "base" },
    iouMask: {
      level: "token",
      doc: "1 before the answer part and from the grounding part on (2 where these overlap)",
      kind: "weight",
    },
    answerMask: { level: "token", doc: "1 before the grounding part", kind: "weight" },
  },
  run(batch, params, { iouMask, answerMask, base, credit, ...advantages }) {
    const { components, mask, positions } = batch;
    for (const name of names) {
      const logged = components.values[components.names.indexOf(name)];
      if (logged === undefined) advantages[name].fill(0);
      else advantages[name].set(normalizeApplied(batch, logged, params));
    }
    const { iou, answer, format, zoom } = advantages;
    for (let r = 0; r < batch.nRollouts; r++) {
      const everywhere = format[r]! + zoom[r]!;
      base[r] = (everywhere + iou[r]! + answer[r]!) / params.divisor;
      for (let t = positions[r]!; t < positions[r + 1]!; t++) {
        const at = t - positions[r]!;
        const beforeAnswer = at < batch["trajectory.mask_answer"][r]! ? 1 : 0;
        const fromGrounding = at >= batch["trajectory.mask_iou"][r]! ? 1 : 0;
        iouMask[t] = (beforeAnswer + fromGrounding) * mask[t]!;
        answerMask[t] = (1 - fromGrounding) * mask[t]!;
        const sum = everywhere * mask[t]! + iou[r]! * iouMask[t]! + answer[r]! * answerMask[t]!;
        credit[t] = sum / params.divisor;
      }
    }
  },
  formula: () => [
    {
      left: "A",
      symbols: "(format + zoom + iou · m_iou + answer · m_answer) / 3",
      numbers: "({format} + {zoom} + {iou} · {iouMask} + {answer} · {answerMask}) / {divisor}",
      equals: "credit",
    },
  ],
});
