import { longestLine } from "../../format/byteLines.ts";
import { isRecord } from "../../format/isRecord.ts";
import { parsePartialJson } from "../../format/partialJson.ts";
import { parseTolerantJson } from "../../format/tolerantJson.ts";
import type { CurveFormat, Snapshot } from "../curveFormat.ts";
import { flatMetrics, stepOf } from "../metricLines.ts";
import { SeriesTable } from "../seriesTable.ts";

/** The file is one JSON value. */
const place = { line: 1, byte: 0 } as const;

/**
 * The state that Hugging Face's trainers (TRL among them) save with each checkpoint
 * (`checkpoint-<step>/trainer_state.json`): `log_history` is all that was logged until then, so that of a run's
 * checkpoints the newest is enough.
 */
export const trainerState: CurveFormat<"trainerState"> = {
  id: "trainerState",
  label: "Trainer state",
  doc: "`trainer_state.json` of Hugging Face trainers and TRL: `log_history`; of a run's checkpoints the one that goes farthest counts.",
  written: "transformers 5.17, TRL 1.13",
  lacks: "wall times",
  extensions: [],
  alsoFollows: ["trainer_state*.json"],
  hasName: (name) => /^trainer_state.*\.json$/i.test(name),
  continues: false,
  sniff: ({ firstRecord }) =>
    firstRecord !== null &&
    Array.isArray(firstRecord["log_history"]) &&
    stepOf(firstRecord["global_step"]) !== undefined,
  async read(source, { path }, options) {
    const table = new SeriesTable(options);
    if (source.size > longestLine) {
      const message = `This file has ${source.size} bytes, more than a program of this kind can hold as text.`;
      table.report({ code: "oversized", ...place, message });
      return table.done();
    }
    const { state, isWhole } = stateOf(new TextDecoder().decode(await source.read(0, source.size)), table);
    const { log_history: history, global_step: step } = state;
    // Of a file that ends too early only what is there counts.
    let farthest = (isWhole ? stepOf(step) : undefined) ?? 0;
    const rows = Array.isArray(history) ? (history as unknown[]) : [];
    // Steps stand at the end of their rows: one that is cut has none.
    const isCut = !isWhole && stepOfRow(rows.at(-1)) === undefined;
    for (const [i, row] of (isCut ? rows.slice(0, -1) : rows).entries())
      farthest = Math.max(farthest, addRow(table, row, i));
    return { ...table.done(), snapshot: { folder: folderOf(path), step: farthest } };
  },
};

interface State {
  readonly state: Readonly<Record<string, unknown>>;
  readonly isWhole: boolean;
}

/** The state; of a text that ends too early, what is there. */
function stateOf(text: string, table: SeriesTable): State {
  // A metric that is NaN is a point, one that is null is none: the two must stay apart.
  const parsed = parseTolerantJson(text, '"NaN"');
  if (parsed.ok) return { state: isRecord(parsed.value) ? parsed.value : {}, isWhole: true };
  const partial = parsePartialJson(text.replace(bareWord, '"$&"'));
  const message = `This file is no whole JSON: it ${parsed.message} (it may still be written). ${
    partial === null ? "Nothing of it is read" : "What stands before is read"
  }.`;
  table.report({ code: partial === null ? "bad-json" : "torn-line", ...place, message });
  return { state: partial !== null && isRecord(partial.value) ? partial.value : {}, isWhole: false };
}

const bareWord = /(?<=[\s:,[])-?(?:NaN|Infinity)(?=[\s,\]}])/g;

function stepOfRow(row: unknown): number | undefined {
  return isRecord(row) ? stepOf(row["step"]) : undefined;
}

/** @returns the row's step; 0 where it has none */
function addRow(table: SeriesTable, row: unknown, index: number): number {
  const step = stepOfRow(row);
  if (!isRecord(row) || step === undefined) {
    const message = `log_history[${index}] is left out: it has no step that is a whole number.`;
    table.report({ code: "bad-field", ...place, message });
    return 0;
  }
  const { step: _, ...metrics } = row;
  for (const [name, value] of flatMetrics(metrics, { isTyped: true }))
    table.add(null, name, { step, value, wallTime: NaN }, place);
  return step;
}

/** The folder above a checkpoint's is the run's. */
function folderOf(path: string): Snapshot["folder"] {
  return /(?:^|\/)checkpoint-\d+\/[^/]*$/.test(path) ? ".." : ".";
}
