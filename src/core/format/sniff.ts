import { parquetColumns } from "../container/parquet.ts";
import { sqliteTables } from "../container/sqlite.ts";
import { zipNames } from "../container/zip.ts";
import { byteLines } from "./byteLines.ts";
import type { ByteSource, FileContext, FileHead, JsonLayout } from "./format.ts";
import { jsonElements } from "./jsonElements.ts";
import { isRecord } from "./isRecord.ts";
import { parsePartialJson } from "./partialJson.ts";
import { parseTolerantJson } from "./tolerantJson.ts";

/** Bytes of a file's beginning that are looked at to recognise it. */
export const headSize = 1 << 16;

/** Bytes of a document that are read to see what it is. */
const documentSize = 1 << 20;

/** Lines that are looked at before a file is given up: a log may begin with damage. */
const mostLines = 50;
/** Bytes of these lines, but for the first, which may be as long as it likes. */
const mostSearched = 1 << 26;

/** What formats look at to recognise a file: its magic bytes, its first record, what its container holds. */
export async function headOf(source: ByteSource, file: FileContext): Promise<FileHead> {
  const bytes = await source.read(0, headSize);
  const head = { path: file.path, bytes, columns: null, entries: null, tables: null };
  if (!looksBinary(bytes)) return { ...head, ...(await jsonHead(source, bytes)) };
  return {
    ...head,
    layout: null,
    firstRecord: null,
    isTorn: false,
    columns: startsWith(bytes, "PAR1") ? await parquetColumns(source) : null,
    entries: startsWith(bytes, "PK\u0003\u0004") ? await zipNames(source) : null,
    tables: startsWith(bytes, "SQLite format 3\0") ? await sqliteTables(source, file) : null,
  };
}

type JsonHead = Pick<FileHead, "layout" | "firstRecord" | "isTorn">;

async function jsonHead(source: ByteSource, bytes: Uint8Array): Promise<JsonHead> {
  const first = firstCharacter(bytes);
  const none = { layout: null, firstRecord: null, isTorn: false };
  if (first === openBracket) {
    for await (const element of jsonElements(source)) {
      const firstRecord = recordOf(element.bytes);
      return firstRecord === null ? none : { layout: "array", firstRecord, isTorn: false };
    }
    return none;
  }
  if (first === openBrace && recordOf(await firstLine(source, bytes)) === null) {
    const firstRecord = await documentHead(source, bytes);
    const isTorn = !bytes.includes(0x0a);
    if (firstRecord !== null) return { layout: isTorn ? "lines" : "document", firstRecord, isTorn };
  }
  const firstRecord = await firstLineRecord(source, bytes);
  return firstRecord === null ? none : { layout: "lines", firstRecord, isTorn: false };
}

/** How the records of a file stand. A file that shows none is read by lines, which name its damage. */
export async function layoutOf(source: ByteSource): Promise<JsonLayout> {
  const bytes = await source.read(0, headSize);
  return looksBinary(bytes) ? "lines" : ((await jsonHead(source, bytes)).layout ?? "lines");
}

/** A value over many lines; null where a line ends in a way that no JSON does, as a torn record's. */
async function documentHead(
  source: ByteSource,
  bytes: Uint8Array,
): Promise<Readonly<Record<string, unknown>> | null> {
  // The whole head must be a beginning of JSON: a log whose first line is torn is none.
  const seen = partialOf(bytes);
  if (seen === null) return null;
  const more = source.size > bytes.length ? partialOf(await source.read(0, documentSize)) : seen;
  return more ?? seen;
}

function partialOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  const text = textOf(bytes);
  const whole = parseTolerantJson(text);
  if (whole.ok) return isRecord(whole.value) ? whole.value : null;
  const partial = parsePartialJson(text.replace(/(?<=[\s:,[])-?(?:NaN|Infinity)(?=[\s,\]}])/g, "null"));
  // A value that ends before its text does is followed by something else: lines.
  if (partial === null || !isRecord(partial.value)) return null;
  const rest = text.slice(partial.length).trimStart();
  return text[partial.length - 1] === "}" && rest !== "" && rest[0] !== "," && isWhole(text, partial.length)
    ? null
    : partial.value;
}

/** The text's first value ends at `length`. */
function isWhole(text: string, length: number): boolean {
  return parseTolerantJson(text.slice(0, length)).ok;
}

async function firstLine(source: ByteSource, bytes: Uint8Array): Promise<Uint8Array> {
  const newline = bytes.indexOf(0x0a);
  if (newline >= 0) return bytes.subarray(0, newline);
  for await (const line of byteLines(source)) return line.bytes;
  return bytes;
}

async function firstLineRecord(
  source: ByteSource,
  bytes: Uint8Array,
): Promise<Readonly<Record<string, unknown>> | null> {
  let from = 0;
  for (let n = 0; n < mostLines && from < bytes.length; n++) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline;
    if (newline < 0 && source.size > bytes.length) return laterRecord(source, from, mostLines - n);
    const record = beginsAsObject(bytes, from, to) ? recordOf(bytes.subarray(from, to)) : null;
    if (record !== null) return record;
    from = to + 1;
  }
  return null;
}

/** The first record of the lines from a byte on: of a log that begins with a line longer than the head, whole or not. */
async function laterRecord(
  source: ByteSource,
  start: number,
  most: number,
): Promise<Readonly<Record<string, unknown>> | null> {
  let n = 0;
  for await (const line of byteLines(source, { from: start, to: start, line: 1 })) {
    if (++n > most || (n > 1 && line.to - start > mostSearched)) return null;
    const record = beginsAsObject(line.bytes, 0, line.bytes.length) ? recordOf(line.bytes) : null;
    if (record !== null) return record;
  }
  return null;
}

const [openBrace, openBracket] = [0x7b, 0x5b];

function firstCharacter(bytes: Uint8Array): number | undefined {
  return bytes[skipSpace(bytes, 0, bytes.length, true)];
}

/** The line's first character is `{`, after a BOM and white space. */
function beginsAsObject(bytes: Uint8Array, from: number, to: number): boolean {
  const at = skipSpace(bytes, from, to, false);
  return at < to && bytes[at] === openBrace;
}

function skipSpace(bytes: Uint8Array, from: number, to: number, lines: boolean): number {
  let at = from;
  if (at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
  const isSpace = (c: number): boolean => c === 0x20 || c === 0x09 || c === 0x0d || (lines && c === 0x0a);
  while (at < to && isSpace(bytes[at]!)) at++;
  return at;
}

function recordOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  const parsed = parseTolerantJson(textOf(bytes));
  return parsed.ok && isRecord(parsed.value) ? parsed.value : null;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A zero byte in the first kilobyte, or a container's magic bytes: no text file has one. */
export function looksBinary(bytes: Uint8Array): boolean {
  return (
    bytes.subarray(0, 1024).includes(0) || startsWith(bytes, "PK\u0003\u0004") || startsWith(bytes, "PAR1")
  );
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  for (let i = 0; i < magic.length; i++) if (bytes[i] !== magic.charCodeAt(i)) return false;
  return true;
}
