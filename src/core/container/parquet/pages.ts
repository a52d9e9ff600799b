import type { ColumnMetaData, PageHeader, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import { checkGrowth } from "../bomb.ts";
import { ContainerError } from "../containerError.ts";
import { unpackPage } from "./codecs.ts";
import { checkDeltas, checkRuns } from "./runs.ts";
import { checkThrift } from "./thrift.ts";

/** A page of 512 MiB is no page; a column of 2^24 values in one row group fills the memory. */
const largestPage = 2 ** 29;
export const mostValues = 2 ** 24;

/** A column's part of a row group. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly meta: ColumnMetaData;
  readonly schemaPath: SchemaTree[];
}

/**
 * Goes over the pages of a column chunk before hyparquet decodes them, which trusts every count: sizes, lengths of runs
 * and numbers of values are what they may be, or the chunk is damaged. Gives what unpacks its pages in their order.
 */
export function checkedPages(chunk: Chunk): (input: Uint8Array, size: number) => Uint8Array {
  const pages = walk(chunk);
  let next = 0;
  return (input, size) => {
    const page = pages[next++];
    if (page === undefined) throw damaged("holds more pages than it has");
    const bytes = unpackPage(chunk.meta.codec, input, size);
    checkPage(page, bytes, chunk);
    return bytes;
  };
}

/** Headers of the pages that will be unpacked. */
function walk({ bytes, meta, schemaPath }: Chunk): PageHeader[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed: PageHeader[] = [];
  const most = Number(meta.num_values);
  let seen = 0;
  let grown = 0;
  // hyparquet does not look at a last byte either.
  for (let at = 0; at < bytes.length - 1;) {
    const offset = checkThrift(bytes, at);
    const page = parquetHeader({ view, offset: at });
    const { compressed_page_size: size, uncompressed_page_size: unpacked } = page;
    if (!isCount(size) || !isCount(unpacked) || offset + size > bytes.length)
      throw damaged("is longer than its column");
    grown += unpacked;
    checkGrowth(bytes.length, grown, largestPage, "A column of the Parquet file");
    seen += valuesOf(page, unpacked);
    if (seen > most) throw damaged("holds more values than its column");
    if (page.data_page_header_v2?.is_compressed === false)
      checkPage(page, bytes.subarray(offset + levelsOf(page), offset + size), { bytes, meta, schemaPath });
    else packed.push(page);
    if (page.data_page_header_v2 !== undefined)
      checkLevels(page, bytes.subarray(offset, offset + size), schemaPath);
    at = offset + size;
  }
  if (seen !== most) throw damaged("is missing: its column has fewer values than announced");
  return packed;
}

/** Values of a data page; a dictionary's must fit in its bytes. */
function valuesOf(page: PageHeader, unpacked: number): number {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = page;
  if (page.type === "DICTIONARY_PAGE") {
    if (!isCount(dictionary?.num_values) || dictionary.num_values > unpacked * 8)
      throw damaged("holds a dictionary of more values than bytes");
    return 0;
  }
  const header = page.type === "DATA_PAGE" ? v1 : page.type === "DATA_PAGE_V2" ? v2 : undefined;
  if (header === undefined || !isCount(header.num_values)) throw damaged("is of no known type");
  if (v2 !== undefined) {
    if (!isCount(v2.num_nulls) || v2.num_nulls > v2.num_values || !isCount(v2.num_rows))
      throw damaged("has a wrong number of missing values");
    if (
      !isCount(v2.definition_levels_byte_length) ||
      !isCount(v2.repetition_levels_byte_length) ||
      levelsOf(page) > unpacked
    )
      throw damaged("has levels of a wrong length");
  }
  return header.num_values;
}

function levelsOf({ data_page_header_v2: v2 }: PageHeader): number {
  return v2 === undefined ? 0 : v2.definition_levels_byte_length + v2.repetition_levels_byte_length;
}

/** Levels of a page of the second version stand before what is packed. */
function checkLevels({ data_page_header_v2: v2 }: PageHeader, bytes: Uint8Array, path: SchemaTree[]): void {
  if (v2 === undefined) return;
  const [repetition, definition] = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)];
  if (repetition > 0) checkRuns(bytes, 0, bitsOf(repetition), v2.num_values);
  if (definition > 0) checkRuns(bytes, v2.repetition_levels_byte_length, bitsOf(definition), v2.num_values);
}

/** What stands in an unpacked page: levels (first version) and values. */
function checkPage(page: PageHeader, bytes: Uint8Array, { meta, schemaPath }: Chunk): void {
  const { data_page_header: v1, data_page_header_v2: v2 } = page;
  if (v1 !== undefined && page.type === "DATA_PAGE") {
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    const definition = getMaxDefinitionLevel(schemaPath);
    let values = v1.num_values;
    for (const level of [getMaxRepetitionLevel(schemaPath), definition]) {
      if (level === 0) continue;
      if (reader.offset + 4 > bytes.length) throw damaged("ends too early");
      checkRuns(bytes, reader.offset + 4, bitsOf(level), v1.num_values);
      const levels = new Uint8Array(v1.num_values);
      readRleBitPackedHybrid(reader, bitsOf(level), levels as unknown as number[]);
      if (level === definition) values = levels.reduce((n, x) => (x === definition ? n + 1 : n), 0);
    }
    checkValues(v1.encoding, bytes.subarray(reader.offset), values, meta, schemaPath);
  } else if (v2 !== undefined)
    checkValues(v2.encoding, bytes, v2.num_values - v2.num_nulls, meta, schemaPath);
}

function checkValues(
  encoding: string | undefined,
  bytes: Uint8Array,
  count: number,
  { type }: ColumnMetaData,
  schemaPath: SchemaTree[],
): void {
  if (encoding === "PLAIN") return;
  if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY") {
    if (count > 0) checkRuns(bytes, 1, bytes[0] ?? 0, count);
  } else if (encoding === "RLE" && type === "BOOLEAN") {
    if (count > 0) checkRuns(bytes, 4, 1, count);
  } else if (encoding === "BYTE_STREAM_SPLIT") {
    const width = type === "FIXED_LEN_BYTE_ARRAY" ? (schemaPath.at(-1)?.element.type_length ?? 0) : 4;
    if (count * width > bytes.length) throw damaged("holds more values than bytes");
  } else if (encoding === "DELTA_BINARY_PACKED" || encoding === "DELTA_LENGTH_BYTE_ARRAY") {
    if (count > 0) checkDeltas(bytes, 0, count);
  } else
    throw new ContainerError(
      "refused",
      `A column of the Parquet file is encoded as ${encoding ?? "nothing known"}, which is not read; write it plain or with a dictionary.`,
    );
}

function bitsOf(level: number): number {
  return 32 - Math.clz32(level);
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && value! >= 0;
}

function damaged(what: string): ContainerError {
  return new ContainerError("damaged", `A page of the Parquet file ${what}.`);
}
