/** How the lines of a run are told apart: by colour, by dash and by a mark, never by colour alone. */
export interface LineStyle {
  /** Place among the theme's chart colours. */
  readonly color: number;
  /** Lengths of dash and gap in pixels; empty = solid. */
  readonly dash: readonly number[];
  /** One character, drawn at the cursor, in the legend and in tables. */
  readonly mark: string;
}

const dashes: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [13, 4],
  [5, 2, 1, 2, 1, 2],
  [3, 5],
];
const marks = ["●", "▲", "■", "◆", "▼", "★", "✚"] as const;
const nColors = 6;

/** @param run place of the run in the list @param variant 0, or more for further curves of one run in one chart */
export function lineStyle(run: number, variant = 0): LineStyle {
  return {
    color: run % nColors,
    // Seven dashes and six colours: the pair repeats only after 42 runs.
    dash: dashes[(run + variant) % dashes.length]!,
    mark: marks[(run + variant) % marks.length]!,
  };
}
