import type { BatchShape } from "../columns.ts";
import type { FormulaLine } from "../method.ts";
import { groupMean, groupVariance, type SingletonRule } from "./groupStatistics.ts";

/** Parameters of a method that reshapes an advantage: which one, and how it is computed. */
export const baseParams = {
  base: {
    kind: "choice",
    choices: ["grpo", "logged"],
    default: "grpo",
    doc: "the advantage it reshapes: GRPO's of `reward`, or the log's own (`tokens.advantages`)",
  },
  normalizeByStd: { kind: "boolean", default: true, doc: "GRPO: divide by the group's standard deviation" },
  epsilon: { kind: "number", default: 1e-6, min: 0, doc: "GRPO: added to the standard deviation" },
  singleton: {
    kind: "choice",
    choices: ["raw", "zero", "nan"],
    default: "raw",
    doc: "GRPO of a group of one: its raw score, 0, or none",
  },
} as const;

export const baseLanes = {
  reward: { level: "trajectory", doc: "outcome reward (base: grpo)" },
  mean: { level: "trajectory", doc: "mean reward of the group (base: grpo)" },
  std: { level: "trajectory", doc: "standard deviation of the group, n − 1 (base: grpo)" },
  base: { level: "token", doc: "the advantage before it is reshaped", kind: "base" },
} as const;

interface BaseChoice {
  readonly base: "grpo" | "logged";
  readonly normalizeByStd: boolean;
  readonly epsilon: number;
  readonly singleton: SingletonRule;
}

/** What a method `uses` for it. */
export const baseColumns = ["reward", "advantage"] as const;

/** What the chosen one needs. */
export function baseNeeds({ base }: Pick<BaseChoice, "base">): readonly ("reward" | "advantage")[] {
  return base === "logged" ? ["advantage"] : ["reward"];
}

/** Advantage at every position: GRPO's times the mask, or as it was logged. */
export function baseAdvantage(
  batch: BatchShape & { readonly reward: Float64Array | null; readonly advantage: Float64Array | null },
  { base: choice, normalizeByStd, epsilon, singleton }: BaseChoice,
  { reward, mean, std, base }: Readonly<Record<keyof typeof baseLanes, Float64Array>>,
): void {
  if (choice === "logged") {
    base.set(batch.advantage!);
    return;
  }
  reward.set(batch.reward!);
  groupMean(batch, reward, singleton, mean);
  groupVariance(batch, reward, singleton, std);
  for (let r = 0; r < batch.nRollouts; r++) {
    std[r] = Math.sqrt(std[r]!);
    const advantage = (reward[r]! - mean[r]!) / (normalizeByStd ? std[r]! + epsilon : 1);
    for (let t = batch.positions[r]!; t < batch.positions[r + 1]!; t++) base[t] = advantage * batch.mask[t]!;
  }
}

export function baseFormula({ base, normalizeByStd }: BaseChoice): readonly FormulaLine[] {
  if (base === "logged") return [];
  return [
    {
      left: "A",
      symbols: normalizeByStd ? "(R − mean) / (std + ε)" : "R − mean",
      numbers: normalizeByStd ? "({reward} − {mean}) / ({std} + {epsilon})" : "{reward} − {mean}",
      equals: "base",
    },
  ];
}
