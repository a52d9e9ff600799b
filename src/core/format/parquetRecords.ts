import { ContainerError } from "../container/containerError.ts";
import { openParquet, type ParquetFile, type ParquetGroup, type ParquetRow } from "../container/parquet.ts";
import type { Issue, IssueCode } from "../rollout/issue.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { ByteSource, FileContext, Format, RecordLocator, ScannedRecord } from "./format.ts";
import type { RecordPlace } from "./jsonLines.ts";

/** Where a row stands, and which columns of its file hold plain numbers: of a missing value nothing else tells. */
export interface RowPlace extends RecordPlace {
  readonly numeric: ReadonlySet<string>;
}

/** What a format of Parquet rows adds to the walk over them. `Beside` as in `jsonLinesFormat`. */
export interface ParquetRecords<Beside> {
  readonly beside?: (file: FileContext) => Promise<Beside>;
  /** Trajectories of one row; what is wrong with it goes to `report`. */
  read(record: ParquetRow, place: RowPlace & { readonly beside: Beside }): readonly Trajectory[];
}

/** A format whose files are Parquet alone, recognised by the names of their columns. */
export function parquetFormat<const Id extends string, Beside = undefined>(
  format: ParquetRecords<Beside> &
    Pick<Format<Id>, "id" | "label" | "doc" | "written" | "lacks"> & {
      columns(names: readonly string[], path: string): boolean;
    },
): Format<Id> {
  const { id, label, doc, written, lacks } = format;
  return {
    id,
    label,
    doc,
    written,
    lacks,
    extensions: [".parquet"],
    sniff: ({ columns, path }) => columns !== null && format.columns(columns, path),
    scan: (source, file, options) => scanParquet(format, source, file, options),
    load: (source, file, locators) => loadParquet(format, source, file, locators),
  };
}

/** The file begins as a Parquet file does. */
export async function isParquet(source: ByteSource): Promise<boolean> {
  return new TextDecoder().decode(await source.read(0, 4)) === "PAR1";
}

/**
 * The rows of a Parquet file as records: a record's bytes are those of its row group, its line is the row's number from
 * 1. A row group that is damaged is one record with an issue, and the next goes on.
 */
export async function* scanParquet<Beside>(
  format: ParquetRecords<Beside>,
  source: ByteSource,
  file: FileContext,
  options: { readonly signal?: { readonly aborted: boolean } },
): AsyncGenerator<ScannedRecord> {
  const parquet = await opened(source);
  if (!("groups" in parquet)) return yield parquet;
  const beside = await besideOf(format, file);
  for (const group of parquet.groups) {
    const rows = await rowsOf(parquet, group);
    if (!Array.isArray(rows)) yield rows;
    else
      for (let i = 0; i < rows.length; i++) {
        if (options.signal?.aborted === true) return;
        yield readRow(format, rows[i]!, {
          locator: locatorOf(group, i),
          path: file.path,
          numeric: parquet.numeric,
          beside,
        });
      }
  }
}

/** Each row group is decoded once, however many of its rows are asked for. */
export async function loadParquet<Beside>(
  format: ParquetRecords<Beside>,
  source: ByteSource,
  file: FileContext,
  locators: readonly RecordLocator[],
): Promise<readonly ScannedRecord[]> {
  const parquet = await opened(source);
  if (!("groups" in parquet)) return locators.map(() => parquet);
  const beside = await besideOf(format, file);
  const loaded = new Map<ParquetGroup, ParquetRow[] | ScannedRecord>();
  const records: ScannedRecord[] = [];
  for (const locator of locators) {
    const group = parquet.groups.find(
      ({ firstRow, lastRow }) => firstRow < locator.line && locator.line <= lastRow,
    );
    const rows = group === undefined ? undefined : (loaded.get(group) ?? (await rowsOf(parquet, group)));
    if (group === undefined || rows === undefined) records.push({ locator, trajectories: [], issues: [] });
    else {
      loaded.set(group, rows);
      const row = Array.isArray(rows) ? rows[locator.line - 1 - group.firstRow] : undefined;
      if (row === undefined) records.push(rows as ScannedRecord);
      else records.push(readRow(format, row, { locator, path: file.path, numeric: parquet.numeric, beside }));
    }
  }
  return records;
}

async function besideOf<Beside>(format: ParquetRecords<Beside>, file: FileContext): Promise<Beside> {
  return format.beside === undefined ? (undefined as Beside) : format.beside(file);
}

async function opened(source: ByteSource): Promise<ParquetFile | ScannedRecord> {
  try {
    return await openParquet(source);
  } catch (error) {
    return damaged(error, { from: 0, to: source.size, line: 1 });
  }
}

async function rowsOf(parquet: ParquetFile, group: ParquetGroup): Promise<ParquetRow[] | ScannedRecord> {
  try {
    return await parquet.readGroup(group);
  } catch (error) {
    return damaged(error, locatorOf(group, 0));
  }
}

function damaged(error: unknown, locator: RecordLocator): ScannedRecord {
  if (!(error instanceof ContainerError)) throw error;
  const { code, message } = error;
  return { locator, trajectories: [], issues: [{ code, line: locator.line, byte: locator.from, message }] };
}

function locatorOf({ from, to, firstRow }: ParquetGroup, row: number): RecordLocator {
  return { from, to, line: firstRow + row + 1 };
}

function readRow<Beside>(
  format: ParquetRecords<Beside>,
  row: ParquetRow,
  {
    locator,
    ...place
  }: Pick<RowPlace, "path" | "numeric"> & {
    readonly locator: RecordLocator;
    readonly beside: Beside;
  },
): ScannedRecord {
  const issues: Issue[] = [];
  const { line, from } = locator;
  const report = (code: IssueCode, message: string): void =>
    void issues.push({ code, line, byte: from, message });
  return { locator, trajectories: format.read(row, { ...place, line, report }), issues };
}
