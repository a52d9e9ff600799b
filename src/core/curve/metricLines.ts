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

export interface FlatOptions {
  readonly prefix?: string;
  /** Between the names of nested objects. Default: a slash. */
  readonly separator?: string;
  /** What null is worth; default: no point. */
  readonly nullValue?: number;
  /** Of texts only "NaN", "Infinity" and "-Infinity" are numbers: the writer leaves numbers numbers, and ids are texts. */
  readonly isTyped?: boolean;
}

/**
 * The numbers of an object, those of nested objects as `outer/inner`. Text that is a number by itself counts ("NaN",
 * "Infinity", numpy scalars); true, false, arrays and what W&B and Trackio mark as media or tables (`_type`) do not.
 */
export function* flatMetrics(
  record: JsonRecord,
  options: FlatOptions = {},
): Generator<readonly [string, number]> {
  const { prefix = "", separator = "/", nullValue, isTyped = false } = options;
  for (const [key, value] of Object.entries(record)) {
    const name = prefix + key;
    if (isRecord(value)) {
      if (typeof value["_type"] === "string" && Object.hasOwn(value, "_type")) continue;
      yield* flatMetrics(value, { ...options, prefix: name + separator });
      continue;
    }
    const number = value === null ? nullValue : isTyped ? typedNumber(value) : toNumber(value);
    if (number !== undefined) yield [name, number];
  }
}

/** A number, or the text that stands for one that JSON cannot hold. */
export function typedNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : undefined;
}

/** A number as nearly all are written, which needs no other parser; undefined for anything else. */
export function plainNumber(text: string): number | undefined {
  if (!/^-?\d[\d.eE+-]*$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}

/** A step: an integer, which old writers put down as 10.0 or as text; undefined for anything else. */
export function stepOf(value: unknown): number | undefined {
  const number = toNumber(value);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
}
