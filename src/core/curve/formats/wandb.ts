import type { ByteSource } from "../../format/format.ts";
import { isRecord } from "../../format/isRecord.ts";
import { parseTolerantJson } from "../../format/tolerantJson.ts";
import type { CurveContent, CurveFormat, CurveOptions } from "../curveFormat.ts";
import { flatMetrics, plainNumber, typedNumber } from "../metricLines.ts";
import { SeriesTable } from "../seriesTable.ts";
import { type HistoryItem, readRecord, type WandbRecord } from "../wandb/record.ts";
import { StepMetrics } from "../wandb/stepMetrics.ts";
import { beginsAsTransactionLog, logRecords } from "../wandb/transactionLog.ts";

/**
 * W&B's transaction log (`run-<id>.wandb`, offline runs too): the history of `wandb.log`. Nested names join
 * with a dot, as W&B shows them. A run that is resumed goes on in a file of its own with the same id.
 */
export const wandb: CurveFormat<"wandb"> = {
  id: "wandb",
  label: "W&B",
  doc: "Offline and online runs (`run-<id>.wandb`): history with its step metric, checksums checked; nested names join with `.`.",
  written: "wandb 0.30 (main at b6e295058, 2026-08-21)",
  lacks: "system metrics, media, tables",
  extensions: [".wandb"],
  hasName: (name) => name.endsWith(".wandb"),
  continues: true,
  sniff: ({ bytes }) => beginsAsTransactionLog(bytes),
  read: readHistory,
};

async function readHistory(source: ByteSource, _: unknown, options: CurveOptions): Promise<CurveContent> {
  const table = new SeriesTable(options);
  const names = new Map<string, string>();
  const stepMetrics = new StepMetrics();
  let run: string | null = null;
  const records = logRecords(source, (code, byte, message) => table.report({ code, line: 0, byte, message }));
  for await (const { from, payload } of records) {
    if (options.signal?.aborted === true) break;
    const record = readRecord(payload);
    if (record === null) {
      const message = "This record is none of W&B's, though its checksum fits; it is left out.";
      table.report({ code: "damaged", line: 0, byte: from, message });
      continue;
    }
    if (record.run !== null) {
      run = record.run.id;
      names.set(run, record.run.name);
    }
    if (record.stepMetric !== null) stepMetrics.define(record.stepMetric);
    if (record.history !== null) addHistory(table, run, record.history, stepMetrics, from);
  }
  return table.done(names);
}

/** What the SDK adds to each record. */
const ownKeys: ReadonlySet<string> = new Set(["_step", "_timestamp", "_runtime", "_wandb"]);

function addHistory(
  table: SeriesTable,
  run: string | null,
  { items, step: recordStep }: NonNullable<WandbRecord["history"]>,
  stepMetrics: StepMetrics,
  byte: number,
): void {
  const own = new Map<string, number>();
  const logged: (readonly [string, number])[] = [];
  for (const item of items) {
    const [key] = item.keys;
    if (ownKeys.has(key!)) own.set(key!, jsonNumber(item.json) ?? NaN);
    else for (const metric of numbersOf(item)) logged.push(metric);
  }
  const step = own.get("_step") ?? recordStep ?? NaN;
  if (!Number.isInteger(step)) {
    const message = "This record of the history is left out: it has no step that is a whole number.";
    table.report({ code: "bad-field", line: 0, byte, message });
    return;
  }
  const wallTime = own.get("_timestamp") ?? NaN;
  for (const [name, value] of logged) stepMetrics.note(name, value);
  for (const [name, value] of logged) {
    if (name === "" || stepMetrics.isStep(name)) continue;
    table.add(run, name, { step: stepMetrics.stepOf(name) ?? step, value, wallTime }, { line: 0, byte });
  }
}

/** The numbers of a logged value: one, those of an object, or none. */
function numbersOf({ keys, json }: HistoryItem): Iterable<readonly [string, number]> {
  const name = keys.join(".");
  const number = plainNumber(json);
  if (number !== undefined) return [[name, number]];
  const parsed = parseTolerantJson(json, '"NaN"');
  if (!parsed.ok) return [];
  if (isRecord(parsed.value)) return flatMetrics({ [name]: parsed.value }, { separator: ".", isTyped: true });
  const value = typedNumber(parsed.value);
  return value === undefined ? [] : [[name, value]];
}

function jsonNumber(json: string): number | undefined {
  const parsed = parseTolerantJson(json, '"NaN"');
  return parsed.ok ? typedNumber(parsed.value) : undefined;
}
