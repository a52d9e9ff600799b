import { formatNumber } from "../src/core/stats/formatNumber.ts";
import { nearestOfAttempts } from "../src/core/curve/nearest.ts";
import type { ChartLine } from "./curve.ts";
import { element } from "./element.ts";

/** What one line says at a step. */
export interface Reading {
  readonly line: ChartLine;
  /** Step of the point that was found: the nearest. */
  readonly step: number;
  /** As logged. */
  readonly raw: number;
  /** null = nothing is smoothed. */
  readonly smoothed: number | null;
}

/** The nearest point of every line. */
export function readLines(lines: readonly ChartLine[], step: number, smoothing: number): readonly Reading[] {
  return lines.flatMap((line) => {
    const { curve } = line;
    const i = nearestOfAttempts(curve.steps, step, curve.attempts);
    if (i < 0) return [];
    const smoothed = smoothing > 0 ? curve.smoothed(smoothing, false)[i]! : null;
    return [{ line, step: curve.steps[i]!, raw: curve.values[i]!, smoothed }];
  });
}

/** A logged value in words: what is no number says so. */
export function valueText(value: number): string {
  return Number.isNaN(value) ? "NaN" : formatNumber(value);
}

/** A reading in one sentence, for people who listen. */
export function readingText({ line, step, raw, smoothed }: Reading, at: number): string {
  const where = step === at ? "" : ` at step ${step}`;
  const also = smoothed === null ? "" : `, smoothed ${valueText(smoothed)}`;
  return `${line.label} ${valueText(raw)}${also}${where}`.trim();
}

/** The last point of every line. */
export function lastOfLines(lines: readonly ChartLine[], smoothing: number): readonly Reading[] {
  return lines.map((line) => {
    const { curve } = line;
    const i = curve.steps.length - 1;
    const smoothed = smoothing > 0 ? curve.smoothed(smoothing, false)[i]! : null;
    return { line, step: curve.steps[i]!, raw: curve.values[i]!, smoothed };
  });
}

/** Lines that have a row; more would leave no room for the chart. */
const mostRows = 6;

/**
 * The table of a chart: a row a line with raw and smoothed values side by side, at a step or, without one, at the end.
 * It is always there and always as high, so that nothing moves under the pointer.
 */
export function fillReadout(
  table: HTMLTableElement,
  step: number | null,
  readings: readonly Reading[],
): void {
  const where = step === null ? "last" : `step ${formatStep(step)}`;
  const isSmooth = readings.some(({ smoothed }) => smoothed !== null);
  const isAlone = readings.length === 1 && readings[0]!.line.label === "";
  const rows = readings.slice(0, mostRows).map((reading) => {
    const { line } = reading;
    const at = step === null ? where : `step ${formatStep(reading.step)}`;
    const other = step === null || reading.step === step ? "" : ` · step ${formatStep(reading.step)}`;
    return element(
      "tr",
      {},
      element("td", { class: `mark run-${line.color}` }, line.mark),
      element("th", { scope: "row" }, isAlone ? at : line.label + other),
      element("td", { class: "number" }, valueText(reading.raw)),
      ...(isSmooth ? [element("td", { class: "number" }, valueText(reading.smoothed ?? NaN))] : []),
    );
  });
  const left = readings.length - rows.length;
  if (left > 0)
    rows.push(element("tr", {}, element("td"), element("th", { colspan: "3" }, `and ${left} more`)));
  const heads = ["", isAlone ? "" : where, isSmooth ? "raw" : "value", ...(isSmooth ? ["smoothed"] : [])];
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const isHeadNeeded = !isAlone || isSmooth;
  table.replaceChildren(...(isHeadNeeded ? [element("thead", {}, head)] : []), element("tbody", {}, ...rows));
}

/** A step as it is logged; one between two points gets few decimals. */
export function formatStep(step: number): string {
  return Number.isInteger(step) ? String(step) : String(Number(step.toPrecision(6)));
}
