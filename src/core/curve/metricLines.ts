import { byteLines } from "../format/byteLines.ts";
import { toNumber } from "../format/fields.ts";
import type { ByteSource } from "../format/format.ts";
import { isRecord } from "../format/isRecord.ts";
import { parseLine } from "../format/jsonLines.ts";
import type { IssueCode } from "../rollout/issue.ts";
import type { CurveContent, CurveOptions } from "./curveFormat.ts";
import { SeriesTable } from "./seriesTable.ts";

/** What one line of a metrics log says. */
export interface MetricLine {
  readonly step: number;
  readonly run: string | null;
  /** Seconds since the epoch; NaN = not logged. */
  readonly wallTime: number;
  /** Names with their values, as `flatMetrics` gives them. */
  readonly metrics: Iterable<readonly [name: string, value: number]>;
}

type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * Reads a log of one JSON object a line into series.
 * @param read one line's numbers; null, after a report, where it has none
 */
export async function readMetricLines(
  source: ByteSource,
  options: CurveOptions,
  read: (record: JsonRecord, report: (code: IssueCode, message: string) => void) => MetricLine | null,
): Promise<CurveContent> {
  const table = new SeriesTable(options);
  for await (const line of byteLines(source)) {
    if (options.signal?.aborted === true) break;
    const place = { line: line.line, byte: line.from };
    const report = (code: IssueCode, message: string): void => table.report({ code, ...place, message });
    // A metric that is NaN is a point, one that is null is none: the two must stay apart.
    const parsed = parseLine(line, report, '"NaN"');
    const metricLine = parsed === null ? null : read(parsed.record, report);
    if (metricLine === null) continue;
    const { step, run, wallTime } = metricLine;
    for (const [name, value] of metricLine.metrics) table.add(run, name, { step, value, wallTime }, place);
  }
  return table.done();
}

/**
 * The numbers of an object, those of nested objects as `outer/inner`. Text that is a number by itself counts ("NaN",
 * "Infinity", numpy scalars); true, false and arrays do not.
 * @param nullValue what null is worth; undefined = no point
 */
export function* flatMetrics(
  record: JsonRecord,
  { prefix = "", nullValue }: { readonly prefix?: string; readonly nullValue?: number } = {},
): Generator<readonly [string, number]> {
  for (const [key, value] of Object.entries(record)) {
    const name = prefix + key;
    if (isRecord(value))
      yield* flatMetrics(value, { prefix: `${name}/`, ...(nullValue === undefined ? {} : { nullValue }) });
    const number = value === null ? nullValue : toNumber(value);
    if (number !== undefined) yield [name, number];
  }
}

/** A step: an integer, which old writers put down as 10.0 or as text; undefined for anything else. */
export function stepOf(value: unknown): number | undefined {
  const number = toNumber(value);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
}
