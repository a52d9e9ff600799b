import { toNumber } from "../../format/fields.ts";
import { stepOf } from "../metricLines.ts";
import { rolloutNames, stepNames, timeNames, wallSeconds } from "../metricNames.ts";

/** What the columns of a CSV file are. */
export interface CsvLayout {
  /** Columns of metrics. */
  readonly metrics: readonly CsvColumn[];
  /** Cells of a row. */
  readonly width: number;
  /** Step and wall time of a row, asked row by row; null where it has no step. */
  placeOf(cells: readonly string[]): { readonly step: number; readonly wallTime: number } | null;
}

export interface CsvColumn {
  readonly name: string;
  readonly at: number;
}

/**
 * Columns that hold the step: the names of metrics in JSON Lines, "Step" of what TensorBoard and W&B export, and the
 * steps of the environment that Stable-Baselines3 counts.
 */
const stepColumns: readonly string[] = [...stepNames, "Step", "time/total_timesteps"];
const timeColumns: readonly string[] = [...timeNames, "Wall time"];

/** Columns of Ray's results that may look like numbers, and are no metrics; and its settings. */
const notMetric = /^(?:trial_id|experiment_id|experiment_tag|pid|config\/.*)$/;

/**
 * The layout that a header tells; null where it has no step, or is that of rollouts.
 * @param startedAt seconds since the epoch where the file says when it was begun, as Stable-Baselines3's monitors do
 */
export function csvLayout(header: readonly string[], startedAt: number): CsvLayout | null {
  const columns = columnsOf(header);
  if (columns.some(({ name }) => rolloutNames.includes(name))) return null;
  const width = header.length;
  return monitorLayout(columns, width, startedAt) ?? tableLayout(columns, width);
}

/** Named columns; of two of one name the first. */
function columnsOf(header: readonly string[]): readonly CsvColumn[] {
  const columns = new Map<string, CsvColumn>();
  for (const [at, cell] of header.entries()) {
    const name = cell.trim();
    if (name !== "" && !columns.has(name)) columns.set(name, { name, at });
  }
  return [...columns.values()];
}

function tableLayout(columns: readonly CsvColumn[], width: number): CsvLayout | null {
  const find = (name: string): CsvColumn | undefined => columns.find((column) => column.name === name);
  const step = stepColumns.map(find).find((column) => column !== undefined);
  if (step === undefined) return null;
  const times = timeColumns.flatMap((name) => find(name) ?? []);
  return {
    metrics: columns.filter(
      (column) => column !== step && !notMetric.test(column.name) && !isTime(column, times),
    ),
    width,
    placeOf(cells) {
      const at = stepOf(cells[step.at]);
      if (at === undefined) return null;
      const wallTime =
        times.map((time) => wallSeconds(time.name, cells[time.at])).find(Number.isFinite) ?? NaN;
      return { step: at, wallTime };
    },
  };
}

/** `time` may be a metric: in seconds since the start it is no wall time. */
function isTime({ name }: CsvColumn, times: readonly CsvColumn[]): boolean {
  return name !== "time" && times.some((time) => time.name === name);
}

/**
 * Stable-Baselines3's monitor: return, length and seconds since the start of each episode. Its steps are those of the
 * environment at the episode's end, which the lengths add up to, as in the same run's progress.
 */
function monitorLayout(columns: readonly CsvColumn[], width: number, startedAt: number): CsvLayout | null {
  const [reward, length, time] = columns;
  if (reward?.name !== "r" || length?.name !== "l" || time?.name !== "t") return null;
  let step = 0;
  return {
    metrics: columns.filter(({ name }) => name !== "t"),
    width,
    placeOf(cells) {
      const steps = stepOf(cells[length.at]);
      if (steps === undefined || steps < 0) return null;
      step += steps;
      return { step, wallTime: startedAt + (toNumber(cells[time.at]) ?? NaN) };
    },
  };
}
