import { formatSigned } from "../../core/stats/formatNumber.ts";

/** The number at the end of a step, 20 characters at most: sign, credit, and the process reward where there is one. */
export interface StepMark {
  readonly text: string;
  readonly sign: "positive" | "negative" | "none";
}

/** Stands before a number that is the mean of the step's tokens and not the step's own. */
export const meanSign = "⌀";

/**
 * @param credit NaN = the method gives this step nothing
 * @param reward process reward of the step, NaN = none in the log
 */
export function stepMark(credit: number, reward: number, isMean: boolean): StepMark {
  const prm = Number.isNaN(reward) ? "" : ` PRM ${reward.toFixed(2)}`;
  if (Number.isNaN(credit)) return { text: `· no credit${prm}`, sign: "none" };
  const number = formatSigned(credit);
  const mean = isMean ? meanSign : "";
  if (credit === 0) return { text: `· ${mean}${number}${prm}`, sign: "none" };
  const sign = credit > 0 ? "positive" : "negative";
  return { text: `${credit > 0 ? "▲" : "▼"} ${mean}${number}${prm}`, sign };
}
