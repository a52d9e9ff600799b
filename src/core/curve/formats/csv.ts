import { toNumber } from "../../format/fields.ts";
import type { ByteSource, FileHead } from "../../format/format.ts";
import { looksBinary } from "../../format/sniff.ts";
import type { CurveContent, CurveFormat, CurveOptions } from "../curveFormat.ts";
import { csvLayout, type CsvLayout } from "../csv/csvLayout.ts";
import { csvRecords, type CsvRecord, csvRows } from "../csv/csvRecords.ts";
import { plainNumber } from "../metricLines.ts";
import { wallSeconds } from "../metricNames.ts";
import { SeriesTable } from "../seriesTable.ts";

/** How loggers call their files: a header alone is enough then. */
const knownNames = /(?:^|[/.])(?:metrics|progress|monitor)\.csv$/;

/**
 * Metrics as CSV with a header: Lightning's CSVLogger, Stable-Baselines3's `progress.csv` and monitors, RLlib's
 * `progress.csv`, exports of TensorBoard and W&B. An empty cell is no point.
 */
export const csv: CurveFormat<"csv"> = {
  id: "csv",
  label: "CSV",
  doc: "Tables with a step: Lightning's `metrics.csv`, `progress.csv` of Stable-Baselines3 (steps of the environment) and RLlib (iterations), `*.monitor.csv` (an episode a row, at the environment's step where it ends).",
  written: "Lightning (master at 7f0c3436c), Stable-Baselines3 (master at e05d2dbe), Ray 2.58",
  lacks: "wall times in most files, train steps in those of Stable-Baselines3 and RLlib",
  extensions: [".csv"],
  hasName: (name) => name.toLowerCase().endsWith(".csv"),
  continues: false,
  sniff: looksLikeMetrics,
  read: readTable,
};

async function readTable(source: ByteSource, _: unknown, options: CurveOptions): Promise<CurveContent> {
  const table = new SeriesTable(options);
  const header = new Header();
  let rows: Rows | null = null;
  const records = csvRecords(source, (code, place, message) => table.report({ code, ...place, message }));
  for await (const record of records) {
    if (options.signal?.aborted === true) break;
    if (rows !== null) {
      if (!header.isSame(record.cells)) rows.add(record);
      continue;
    }
    const layout = header.take(record.cells);
    if (layout === undefined) continue;
    if (layout === null) {
      const message = "This header is that of no metrics: it has no column that is known to hold a step.";
      table.report({ code: "bad-field", ...record.place, message });
      break;
    }
    rows = new Rows(table, layout);
  }
  return table.done();
}

/** What stands before the rows: Stable-Baselines3's monitors begin with a comment. */
class Header {
  #startedAt = NaN;
  #cells: readonly string[] = [];

  /** Undefined before the header itself, null where it is that of no metrics. */
  take(cells: readonly string[]): CsvLayout | null | undefined {
    if (cells[0]?.startsWith("#") === true) {
      this.#startedAt = Number(/"t_start": *([\d.e+]+)/.exec(cells.join())?.[1] ?? NaN);
      return undefined;
    }
    this.#cells = cells;
    return csvLayout(cells, this.#startedAt);
  }

  /** It comes again where a run was started anew. */
  isSame(cells: readonly string[]): boolean {
    return cells.length === this.#cells.length && cells.every((cell, i) => cell === this.#cells[i]);
  }
}

/** Words that stand for no value. */
const noValue = /^(?:none|null|n\/a|true|false)?$/i;

class Rows {
  readonly #table: SeriesTable;
  readonly #layout: CsvLayout;
  /** Columns that held a number: a text in one of them is damage. */
  readonly #numeric = new Set<number>();

  constructor(table: SeriesTable, layout: CsvLayout) {
    this.#table = table;
    this.#layout = layout;
  }

  add({ cells, place }: CsvRecord): void {
    const { metrics, width } = this.#layout;
    const report = (message: string): void => this.#table.report({ code: "bad-field", ...place, message });
    const at = this.#layout.placeOf(cells);
    if (at === null) return report("This row is left out: it has no step that is a whole number.");
    if (cells.length !== width) report(`This row has ${cells.length} cells, its header has ${width}.`);
    for (const { name, at: column } of metrics) {
      const cell = (cells[column] ?? "").trim();
      const value = plainNumber(cell) ?? toNumber(cell);
      if (name === "time" && Number.isFinite(wallSeconds(name, cell))) continue;
      if (value !== undefined) {
        this.#numeric.add(column);
        this.#table.add(null, name, { ...at, value }, place);
      } else if (this.#numeric.has(column) && !noValue.test(cell))
        report(`${JSON.stringify(name.slice(0, 80))} is no number here; the cell is left out.`);
    }
  }
}

/** Rows that are looked at. */
const fewRows = 20;

/** A header with a step, and rows that are numbers more than words. */
function looksLikeMetrics({ path, bytes, layout: json }: FileHead): boolean {
  if (json !== null || looksBinary(bytes) || !path.toLowerCase().endsWith(".csv")) return false;
  const header = new Header();
  let layout: CsvLayout | null = null;
  let [numbers, words] = [0, 0];
  for (const cells of csvRows(bytes, fewRows)) {
    if (layout === null) {
      const found = header.take(cells);
      if (found === null) return false;
      layout = found ?? null;
    } else if (layout.placeOf(cells) !== null)
      for (const { at } of layout.metrics) {
        if (toNumber(cells[at]) !== undefined) numbers++;
        else if (!noValue.test((cells[at] ?? "").trim())) words++;
      }
  }
  const isEmpty = numbers === 0 && words === 0;
  return layout !== null && (isEmpty ? knownNames.test(path) : numbers > 0 && numbers >= words);
}
