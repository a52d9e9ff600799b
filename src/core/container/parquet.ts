import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { getTreePath } from "hyparquet/src/schema.js";
import type { Compressors, FileMetaData, RowGroup, SchemaElement, SchemaTree } from "hyparquet";
import type { ByteSource } from "../format/format.ts";
import { parseTolerantJson } from "../format/tolerantJson.ts";
import { asContainerError, ContainerError } from "./containerError.ts";
import { checkedPages, type Chunk, mostValues } from "./parquet/pages.ts";
import { define, plainValue } from "./parquet/plainValue.ts";
import { checkThrift } from "./parquet/thrift.ts";

/** Rows that were written together; what is read of a Parquet file is read by whole row groups. */
export interface ParquetGroup {
  /** Rows of the file, half-open. */
  readonly firstRow: number;
  readonly lastRow: number;
  /** Bytes of its columns, half-open. */
  readonly from: number;
  readonly to: number;
}

export type ParquetRow = Readonly<Record<string, unknown>>;

export interface ParquetFile {
  readonly columns: readonly string[];
  /** Columns that hold plain numbers: no dates, no lists. */
  readonly numeric: ReadonlySet<string>;
  readonly rowCount: number;
  readonly groups: readonly ParquetGroup[];
  /** Rows of a group as JSON would hold them (see `plainValue`). Throws a ContainerError. */
  readGroup(group: ParquetGroup, columns?: readonly string[]): Promise<ParquetRow[]>;
  /** Rows [from, to). Throws a ContainerError. */
  read(from: number, to: number, columns?: readonly string[]): Promise<ParquetRow[]>;
}

const [largestFooter, mostColumns, largestGroup] = [1 << 26, 10_000, 2 ** 30];

/** The footer of a Parquet file. Throws a ContainerError where there is none that can be read. */
export async function openParquet(source: ByteSource): Promise<ParquetFile> {
  try {
    const metadata = await footerOf(source);
    const { children } = parquetSchema(metadata);
    const columns = children.map(({ element }) => element.name);
    const groups: { group: ParquetGroup; row: RowGroup }[] = [];
    let rowCount = 0;
    for (const row of metadata.row_groups) {
      const lastRow = rowCount + countOf(row.num_rows, "rows of a row group");
      groups.push({ group: { firstRow: rowCount, lastRow, ...rangeOf(row, source.size) }, row });
      rowCount = lastRow;
    }
    const readGroup = async (
      group: ParquetGroup,
      wanted: readonly string[] = columns,
    ): Promise<ParquetRow[]> => {
      const found = groups.find(
        ({ group: { firstRow, from } }) => firstRow === group.firstRow && from === group.from,
      );
      if (found === undefined) throw new ContainerError("damaged", "The Parquet file has no such row group.");
      try {
        return await decode(source, metadata, found.row, wanted);
      } catch (error) {
        throw asContainerError(error, "A row group of the Parquet file is damaged");
      }
    };
    return {
      columns,
      numeric: new Set(children.filter(isNumeric).map(({ element }) => element.name)),
      rowCount,
      groups: groups.map(({ group }) => group),
      readGroup,
      async read(from, to, wanted) {
        const rows: ParquetRow[] = [];
        for (const { group } of groups) {
          const { firstRow, lastRow } = group;
          if (firstRow >= to || lastRow <= from) continue;
          const read = await readGroup(group, wanted);
          for (const row of read.slice(Math.max(0, from - firstRow), to - firstRow)) rows.push(row);
        }
        return rows;
      },
    };
  } catch (error) {
    throw asContainerError(error, "The Parquet file's footer cannot be read (it may still be written)");
  }
}

/** Names of the columns of a Parquet file; null where its footer cannot be read. */
export async function parquetColumns(source: ByteSource): Promise<readonly string[] | null> {
  try {
    return (await openParquet(source)).columns;
  } catch {
    return null;
  }
}

async function footerOf(source: ByteSource): Promise<FileMetaData> {
  const { size } = source;
  const end = await source.read(Math.max(0, size - 8), size);
  if (size < 12 || new TextDecoder().decode(end.subarray(4)) !== "PAR1")
    throw new ContainerError(
      "damaged",
      "The Parquet file has no footer: it is not complete (it may still be written).",
    );
  const length = new DataView(end.buffer, end.byteOffset).getUint32(0, true);
  if (length > size - 12 || length > largestFooter)
    throw new ContainerError("damaged", `The Parquet file announces a footer of ${length} bytes.`);
  const footer = await source.read(size - 8 - length, size);
  checkThrift(footer.subarray(0, length), 0);
  const metadata = parquetMetadata(footer, { geoparquet: false });
  if (metadata.schema.length === 0) throw new ContainerError("damaged", "The Parquet file has no schema.");
  checkSchema(metadata.schema);
  return metadata;
}

/** The schema is a tree written down parents first: no deeper than any log's, and all of it there. */
function checkSchema(schema: readonly SchemaElement[]): void {
  if (schema.length > mostColumns)
    throw new ContainerError("refused", `The Parquet file has ${schema.length} columns.`);
  const open: number[] = [];
  for (const { num_children: children = 0 } of schema) {
    while (open.at(-1) === 0) open.pop();
    if (open.length > 0) open[open.length - 1]!--;
    open.push(children);
    if (open.length > 32 || children < 0)
      throw new ContainerError("damaged", "The Parquet file's schema is no tree.");
  }
  if (open.some((missing) => missing > 0))
    throw new ContainerError("damaged", "The Parquet file's schema is not complete.");
}

function isNumeric({ element, children }: SchemaTree): boolean {
  const { type = "", converted_type: converted = "", logical_type: logical } = element;
  return (
    children.length === 0 &&
    element.repetition_type !== "REPEATED" &&
    /^(?:INT32|INT64|FLOAT|DOUBLE)$/.test(type) &&
    !/^(?:DATE|TIME)/.test(converted) &&
    !/^(?:DATE|TIME)/.test(logical?.type ?? "")
  );
}

function countOf(value: bigint | undefined, what: string): number {
  if (typeof value === "bigint" && value >= 0n && value <= BigInt(mostValues)) return Number(value);
  throw new ContainerError(
    "refused",
    `The Parquet file announces ${value ?? "no"} ${what}; ${mostValues} are read at most.`,
  );
}

/** Bytes of a row group: from its first column to the end of its last. */
function rangeOf({ columns }: RowGroup, size: number): { from: number; to: number } {
  let [from, to] = [size, 0];
  for (const column of columns) {
    const chunk = chunkRange(column, size);
    from = Math.min(from, chunk.from);
    to = Math.max(to, chunk.to);
  }
  return columns.length === 0 ? { from: 0, to: 0 } : { from, to };
}

function chunkRange(column: RowGroup["columns"][number], size: number): { from: number; to: number } {
  const meta = column.meta_data;
  if (meta === undefined || column.file_path !== undefined)
    throw new ContainerError("refused", "The Parquet file has columns in other files, which are not read.");
  const from = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const to = from + Number(meta.total_compressed_size);
  if (!(from >= 4 && to >= from && to <= size))
    throw new ContainerError("damaged", "A column of the Parquet file lies outside of it.");
  return { from, to };
}

/**
 * Rows of one row group. Its chunks are put together in memory, each with a codec of its own that checks its pages
 * before hyparquet decodes them.
 */
async function decode(
  source: ByteSource,
  metadata: FileMetaData,
  group: RowGroup,
  wanted: readonly string[],
): Promise<ParquetRow[]> {
  const names = new Set(wanted);
  const tree = parquetSchema(metadata);
  const columns: RowGroup["columns"] = [];
  const codecs: Compressors = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const column of group.columns) {
    const meta = column.meta_data!;
    if (!names.has(meta.path_in_schema[0] ?? "")) continue;
    const { from, to } = chunkRange(column, source.size);
    if (at + to - from > largestGroup)
      throw new ContainerError(
        "refused",
        "A row group of the Parquet file is larger than a gigabyte; write smaller ones.",
      );
    const bytes = await source.read(from, to);
    if (bytes.length !== to - from) throw new ContainerError("damaged", "The Parquet file ends too early.");
    const chunk: Chunk = { bytes, meta, schemaPath: getTreePath(tree, meta.path_in_schema) };
    checkCounts(chunk, group);
    // A name for its codec that no other chunk has.
    const codec = `chunk ${columns.length}` as keyof Compressors;
    codecs[codec] = checkedPages(chunk);
    const { dictionary_page_offset: _, ...rest } = meta;
    columns.push({
      file_offset: BigInt(at),
      meta_data: {
        ...rest,
        codec,
        data_page_offset: BigInt(at),
        total_compressed_size: BigInt(bytes.length),
      },
    });
    parts.push(bytes);
    at += bytes.length;
  }
  const file = new Uint8Array(at);
  for (const [i, part] of parts.entries()) file.set(part, Number(columns[i]!.file_offset));
  const rows = await parquetReadObjects({
    file: { byteLength: at, slice: (from, to) => Promise.resolve(file.buffer.slice(from, to)) },
    metadata: { ...metadata, row_groups: [{ ...group, columns }] },
    columns: [...wanted],
    compressors: codecs,
    parsers: { jsonFromBytes },
    geoparquet: false,
  });
  const flat = new Set(
    tree.children.filter(({ children }) => children.length === 0).map(({ element }) => element.name),
  );
  return rows.map((row) => rowOf(row, wanted, flat));
}

/** A column that is no list has one value a row. */
function checkCounts({ meta, schemaPath }: Chunk, group: RowGroup): void {
  const values = countOf(meta.num_values, "values of a column in a row group");
  const isList = schemaPath.some(({ element }) => element.repetition_type === "REPEATED");
  if (isList ? values < Number(group.num_rows) : values !== Number(group.num_rows))
    throw new ContainerError(
      "damaged",
      "A column of the Parquet file has another number of values than rows.",
    );
}

function rowOf(
  row: Readonly<Record<string, unknown>>,
  wanted: readonly string[],
  flat: ReadonlySet<string>,
): ParquetRow {
  const out: Record<string, unknown> = {};
  for (const name of wanted) {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    // Where a dictionary has no such entry; of lists and structures it is what is missing.
    if (value === undefined && flat.has(name))
      throw new ContainerError("damaged", "A column of the Parquet file ends before its rows.");
    define(out, name, plainValue(value));
  }
  return out;
}

/** JSON columns are what Python wrote; what is no JSON stays text. */
function jsonFromBytes(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return null;
  const text = new TextDecoder().decode(bytes);
  const parsed = parseTolerantJson(text);
  return parsed.ok ? parsed.value : text;
}
