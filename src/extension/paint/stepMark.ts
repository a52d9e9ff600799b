import { formatSigned } from "../../core/stats/formatNumber.ts";

/** What stands at the end of a step, 20 characters at most: sign, credit, and the process reward where there is one; its label. */
export interface StepMark {
  readonly text: string;
  readonly sign: "positive" | "negative" | "none";
}

/** Stands before a number that is the mean of the step's tokens and not the step's own. */
export const meanSign = "⌀";

/** What is known of a step; NaN = nothing. */
export interface StepNumbers {
  /** Null where there is no credit to speak of: it is not available, or hidden. */
  readonly credit: number | null;
  /** Process reward. */
  readonly reward: number;
  /** Somebody's judgement: 1 right, 0 wrong. */
  readonly label: number;
  readonly isMean: boolean;
}

export function stepMark({ credit, reward, label, isMean }: StepNumbers): StepMark {
  const judged = labelInWords(label);
  if (credit === null) return { text: judged, sign: "none" };
  const prm = (Number.isNaN(reward) ? "" : ` PRM ${reward.toFixed(2)}`) + (judged === "" ? "" : ` ${judged}`);
  if (Number.isNaN(credit)) return { text: `· no credit${prm}`, sign: "none" };
  const number = formatSigned(credit);
  const mean = isMean ? meanSign : "";
  if (credit === 0) return { text: `· ${mean}${number}${prm}`, sign: "none" };
  const sign = credit > 0 ? "positive" : "negative";
  return { text: `${credit > 0 ? "▲" : "▼"} ${mean}${number}${prm}`, sign };
}

function labelInWords(label: number): string {
  if (Number.isNaN(label)) return "";
  return label === 1 ? "✓ right" : label === 0 ? "✗ wrong" : `label ${label.toFixed(2)}`;
}
