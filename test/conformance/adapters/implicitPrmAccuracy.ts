import { crossEntropy, pairAccuracy } from "../../../src/core/diagnostic/implicitPrm.ts";
import type { Adapter, Inputs } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** A response's score is the masked sum of its token scores; groups are n consecutive rows. */
export const implicitPrmAccuracy: Adapter = {
  file: "implicit_prm_accuracy",
  values: (inputs) => {
    const responses = responsesOf(inputs, "token_level_scores");
    const accuracies = inRows(responses, numberOf(inputs["n_samples"])).map(pairAccuracy);
    if (accuracies.some(Number.isNaN)) return { error: "a group of one" };
    return { dpo_accuracy: meanOf(accuracies), ce_loss: crossEntropy(responses, numberOf(inputs["beta"])) };
  },
};

export function responsesOf(inputs: Inputs, scores: string): { score: number; outcome: number }[] {
  const mask = rowsOf(inputs["response_mask"]);
  const outcome = rowsOf(inputs["acc"]);
  return rowsOf(inputs[scores]).map((row, r) => ({
    score: row.reduce((sum, x, t) => sum + x * mask[r]![t]!, 0),
    outcome: outcome[r]![0]!,
  }));
}

export function inRows<T>(rows: readonly T[], n: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / n) }, (_, g) => rows.slice(g * n, (g + 1) * n));
}

export function meanOf(x: readonly number[]): number {
  return x.reduce((a, b) => a + b, 0) / x.length;
}
