import Papa from "papaparse";
import { type ByteLine, byteLines } from "../../format/byteLines.ts";
import type { ByteSource } from "../../format/format.ts";
import type { IssueCode } from "../../rollout/issue.ts";
import type { PointPlace } from "../seriesTable.ts";

/** One record, which may stand on several lines. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** Where it begins. */
  readonly place: PointPlace;
}

type ReportAt = (code: IssueCode, place: PointPlace, message: string) => void;

/** A quoted cell with more lines than this was never closed. */
const mostLinesOfRecord = 64;
/** Records and characters that are parsed at once. */
const [mostAtOnce, mostCharacters] = [4096, 1 << 20];
/** Longer than any record of numbers. */
const longestLine = 1 << 24;

/**
 * Records of a CSV file (RFC 4180) with their places; blank lines are passed over. A last line without its end may
 * lack digits: it waits until its rest is there.
 */
export async function* csvRecords(source: ByteSource, report: ReportAt): AsyncGenerator<CsvRecord> {
  let texts: RecordText[] = [];
  let characters = 0;
  for await (const text of recordTexts(source, report)) {
    texts.push(text);
    characters += text.text.length;
    if (texts.length < mostAtOnce && characters < mostCharacters) continue;
    yield* parsed(texts);
    texts = [];
    characters = 0;
  }
  yield* parsed(texts);
}

/** Cells of the first records that are whole in a file's beginning. */
export function csvRows(head: Uint8Array, most: number): readonly (readonly string[])[] {
  const lines = new TextDecoder().decode(head.subarray(0, head.lastIndexOf(newline) + 1)).split(/\r?\n/);
  return rowsOf(joinLines(lines.filter((line) => line.trim() !== "").slice(0, most)));
}

interface RecordText {
  readonly text: string;
  readonly place: PointPlace;
}

function* parsed(texts: readonly RecordText[]): Generator<CsvRecord> {
  const rows = rowsOf(joinLines(texts.map(({ text }) => text)));
  // Quotes in odd places may join records: each by itself then.
  const isAligned = rows.length === texts.length;
  for (const [i, { text, place }] of texts.entries())
    yield { cells: isAligned ? rows[i]! : (rowsOf(text)[0] ?? []), place };
}

function rowsOf(text: string): readonly (readonly string[])[] {
  return Papa.parse<string[]>(text, { delimiter: ",", newline: "\n" }).data;
}

/** Lines, those joined that a quoted cell goes over. */
async function* recordTexts(source: ByteSource, report: ReportAt): AsyncGenerator<RecordText> {
  /** Lines from the first on that no record has. */
  const open: Line[] = [];
  for await (const line of byteLines(source)) {
    const text = textOf(line, report);
    if (text === null || (open.length === 0 && text.trim() === "")) continue;
    open.push({ text, place: placeOf(line), turnsQuotes: turnsQuotes(text) });
    while (open.length > 0) {
      const lines = linesOfFirst(open);
      if (lines > 0) {
        const record = open.splice(0, lines);
        yield { text: joinLines(record.map((one) => one.text)), place: record[0]!.place };
      } else if (open.length < mostLinesOfRecord) break;
      else report("bad-field", open.shift()!.place, "This line is left out: its quote is not closed.");
    }
  }
  const [unclosed] = open;
  if (unclosed !== undefined)
    report("torn-line", unclosed.place, "This record is left out: the file ends before its quote is closed.");
}

interface Line extends RecordText {
  /** Its quotes are an odd number: what is open before it is closed behind it. */
  readonly turnsQuotes: boolean;
}

function turnsQuotes(text: string): boolean {
  let turns = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) turns = !turns;
  return turns;
}

/** Lines of the first record; 0 where a quote of it is open at the end. */
function linesOfFirst(lines: readonly Line[]): number {
  if (lines[0]?.turnsQuotes === false) return 1;
  return lines.findIndex((line, i) => i > 0 && line.turnsQuotes) + 1;
}

function joinLines(lines: readonly string[]): string {
  return lines.join("\n");
}

/** A line without its end; null where it cannot be read, which is reported then. */
function textOf(line: ByteLine, report: ReportAt): string | null {
  const isWhole = line.bytes.at(-1) === newline;
  if (line.tooLong || line.bytes.length > longestLine) {
    const message = `This line is left out: it has ${line.to - line.from} bytes, more than a record of metrics.`;
    report("oversized", placeOf(line), message);
  } else if (line.last && !isWhole) {
    const message =
      "The last line is not complete (the file may still be written); it is left out until its rest is there.";
    report("torn-line", placeOf(line), message);
  } else return new TextDecoder().decode(line.bytes).replace(/\r?\n$/, "");
  return null;
}

const newline = 0x0a;

function placeOf({ line, from }: ByteLine): PointPlace {
  return { line, byte: from };
}
