import { modelHead, transformed } from "../head.ts";

/**
 * Critics and scalar process reward models: one number at every position. With `shift: -1` the value of a token is
 * read one position to its left, the state before it (verl's and OpenRLHF's critics).
 */
export const valueHead = modelHead({
  id: "valueHead",
  label: "Value head",
  doc: "One number at each position: the value of the state there.",
  column: "value",
  transforms: ["identity", "sigmoid"],
  fits: (labels, { index }) =>
    index < labels ? null : `there is no number ${index}: the model gives ${labels} a position`,
  score: transformed,
});
