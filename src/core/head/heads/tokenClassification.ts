import { modelHead, transformed } from "../head.ts";

/**
 * Process reward models that classify a token: at the step mark the share of the label "right" is the step's score
 * (Qwen2.5-Math-PRM, PURE-PRM, TRL's PRMTrainer).
 */
export const tokenClassification = modelHead({
  id: "tokenClassification",
  label: "Token classification",
  doc: "Two labels or more at each position; the step's score is read at its mark.",
  column: "prm",
  transforms: ["softmax", "difference", "sigmoid", "identity"],
  fits: (labels, { transform, index }) => {
    if (labels < 2 && (transform === "softmax" || transform === "difference"))
      return `${transform} needs two labels a position, and the model gives ${labels}`;
    return index < labels ? null : `there is no label ${index}: the model gives ${labels} a position`;
  },
  score: transformed,
});
