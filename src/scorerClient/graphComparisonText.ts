import { agreementLimits, type ScoreAgreement, verdictOf } from "../core/head/scoreAgreement.ts";
import { formatNumber, notAvailable } from "../core/stats/formatNumber.ts";
import type {
  ComparedGraph,
  GraphComparison,
  KeptAgreement,
  OtherGraph,
} from "../protocol/graphComparison.ts";

/** A comparison for people: a table of its graphs, and a verdict a graph. */
export function comparisonText(comparison: GraphComparison): string {
  const { folder, own, others, column, level, rollouts, of } = comparison;
  const agreements = others.flatMap(({ agreement }) => (agreement === null ? [] : [agreement]));
  const [first] = agreements;
  const taken = rollouts < of ? `${rollouts} of ${of} rollouts, at equal distances` : `${of} rollouts`;
  const rows = [head, ownRow(own, first?.spread ?? NaN), ...others.map((one) => otherRow(one, own))];
  return [
    folder,
    `${column}@${own.id}, ${nouns[level]} of ${taken}`,
    "",
    ...table(rows),
    "",
    ...(first === undefined ? [] : [boundaryWords(first)]),
    `Speeds are of what was computed now; ${notAvailable}: scores were kept from before, or took less than a second.`,
    `A graph holds where at most ${100 * agreementLimits.crossed} % of the numbers are on the other side or lacking,`,
    `and the mean difference is at most ${100 * agreementLimits.difference} % of the spread.`,
    "",
    ...others.map(verdictWords),
    "",
  ].join("\n");
}

const nouns = { step: "steps", token: "tokens", turn: "turns", trajectory: "rollouts" } as const;

const head = [
  "graph",
  "compared",
  "lacking",
  "mean diff.",
  "largest",
  "spread",
  "other side",
  "rank corr.",
  "device",
  "tokens/s",
  "speed",
];

function ownRow({ graph, device, tokensPerSecond }: ComparedGraph, spread: number): readonly string[] {
  const speed = speedIn(tokensPerSecond);
  return [graph, "", "", "", "", formatNumber(spread), "", "", nameOf(device), speed, ""];
}

function otherRow(
  { graph, agreement, device, tokensPerSecond }: OtherGraph,
  own: ComparedGraph,
): readonly string[] {
  if (agreement === null) return [graph, ...head.slice(1).map(() => notAvailable)];
  const { compared, onlyExact, onlyOther, meanDifference, largestDifference, crossed } = agreement;
  const ratio = tokensPerSecond / own.tokensPerSecond;
  return [
    graph,
    String(compared),
    String(onlyExact + onlyOther),
    formatNumber(meanDifference),
    formatNumber(largestDifference),
    "",
    String(crossed),
    formatNumber(agreement.rankCorrelation),
    nameOf(device),
    speedIn(tokensPerSecond),
    Number.isNaN(ratio) ? notAvailable : `${ratio.toFixed(1)} ×`,
  ];
}

function nameOf(device: ComparedGraph["device"]): string {
  return device?.toUpperCase() ?? notAvailable;
}

function speedIn(tokensPerSecond: number): string {
  return Number.isNaN(tokensPerSecond) ? notAvailable : String(Math.round(tokensPerSecond));
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

function boundaryWords({ boundary, boundaryFrom }: ScoreAgreement): string {
  const from = boundaryFrom === "threshold" ? "the model's threshold" : "the median of the exact numbers";
  return `Sides are those of ${formatNumber(boundary)}, ${from}.`;
}

/** Whether a graph's scores are as good, in a sentence. */
function verdictWords({ graph, agreement, problem, path }: OtherGraph): string {
  if (agreement === null) return `${graph}: cannot be used. ${problem}`;
  const { holds, reason } = verdictOf(agreement);
  if (holds === null) return `${graph}: cannot be told (${reason}).`;
  return holds
    ? `${graph}: holds (${reason}). It is chosen by its path:\n  ${path}`
    : `${graph}: does not hold (${reason}).`;
}

/** What was kept of a comparison, for a list: "2.1 × as fast, 0 of 523 steps on the other side". */
export function keptWords({ level, agreement, speedup }: KeptAgreement): string {
  const { compared, onlyExact, onlyOther, crossed } = agreement;
  const lacking = onlyExact + onlyOther;
  const sides = `${crossed} of ${compared} ${nouns[level]} on the other side`;
  return [
    ...(Number.isNaN(speedup) ? [] : [`${speedup.toFixed(1)} × as fast`]),
    sides,
    ...(lacking > 0 ? [`${lacking} lacking`] : []),
  ].join(", ");
}
