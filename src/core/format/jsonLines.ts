import type { Issue, IssueCode } from "../rollout/issue.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { type ByteLine, byteLines } from "./byteLines.ts";
import type {
  ByteSource,
  FileContext,
  FileHead,
  Format,
  RecordLocator,
  ScannedRecord,
  ScanOptions,
} from "./format.ts";
import { parseTolerantJson } from "./tolerantJson.ts";

/** What a JSON Lines format adds to the walk over lines. */
export interface JsonLinesFormat<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly doc: string;
  /** True when the first record is surely of this format. */
  matches(record: Readonly<Record<string, unknown>>, path: string): boolean;
  /** Trajectories of one record; what is wrong with it goes to `report`. */
  read(record: Readonly<Record<string, unknown>>, place: RecordPlace): readonly Trajectory[];
}

/** Where a record stands, and where its damage is reported. */
export interface RecordPlace {
  readonly path: string;
  readonly line: number;
  report(code: IssueCode, message: string): void;
}

/** A format of one JSON object a line. */
export function jsonLinesFormat<const Id extends string>(format: JsonLinesFormat<Id>): Format<Id> {
  const { id, label, doc } = format;
  return {
    id,
    label,
    doc,
    extensions: [".jsonl", ".ndjson", ".json"],
    sniff: ({ firstRecord, path }: FileHead) => firstRecord !== null && format.matches(firstRecord, path),
    async *scan(source: ByteSource, file: FileContext, options: ScanOptions) {
      for await (const line of byteLines(source, options.from)) {
        if (options.signal?.aborted === true) return;
        const record = readLine(format, file, line);
        if (record !== null) yield record;
      }
    },
    async load(source: ByteSource, file: FileContext, locator: RecordLocator) {
      const bytes = await source.read(locator.from, locator.to);
      const record = readLine(format, file, {
        bytes,
        ...locator,
        last: locator.to >= source.size,
        tooLong: false,
      });
      return record ?? { locator, trajectories: [], issues: [] };
    },
  };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: false });
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** One line as a record; null where it is blank. */
function readLine<Id extends string>(
  format: JsonLinesFormat<Id>,
  file: FileContext,
  line: ByteLine,
): ScannedRecord | null {
  const locator: RecordLocator = { from: line.from, to: line.to, line: line.line };
  const issues: Issue[] = [];
  const report = (code: IssueCode, message: string): void => {
    issues.push({ code, line: line.line, byte: line.from, message });
  };
  const parsed = parseLine(line, report);
  if (parsed === null) return issues.length === 0 ? null : { locator, trajectories: [], issues };
  if (parsed.nonFinite > 0) {
    report("non-finite", `${parsed.nonFinite} bare NaN or Infinity in this line: NaN is read as missing.`);
  }
  const trajectories = format.read(parsed.record, { path: file.path, line: line.line, report });
  return { locator, trajectories, issues };
}

/** The JSON object of a line, and how many bare NaN or infinities it holds. */
export interface ParsedLine {
  readonly record: Readonly<Record<string, unknown>>;
  readonly nonFinite: number;
}

/**
 * The JSON object of one line; null where the line is blank or gives none, which is reported then.
 * @param nan as in `parseTolerantJson`
 */
export function parseLine(
  line: ByteLine,
  report: (code: IssueCode, message: string) => void,
  nan?: string,
): ParsedLine | null {
  if (line.tooLong) {
    report(
      "oversized",
      `This record has ${line.to - line.from} bytes, more than a program of this kind can hold as text. Split it.`,
    );
    return null;
  }
  const text = decode(line.bytes, report);
  if (text.trim() === "") return null;
  const parsed = parseTolerantJson(text, nan);
  if (!parsed.ok) {
    const torn = line.last && !endsWithNewline(line.bytes);
    if (torn)
      report(
        "torn-line",
        "The last line is not complete (the file may still be written); it is left out until its rest is there.",
      );
    else if (text.includes("\0"))
      report("damaged", "This line holds bytes that are no text; it is left out.");
    else report("bad-json", `This line is left out: ${parsed.message}.`);
    return null;
  }
  if (!isRecord(parsed.value)) {
    report("bad-json", "This line is left out: it is JSON, but no object.");
    return null;
  }
  return { record: parsed.value, nonFinite: parsed.nonFinite };
}

function decode(bytes: Uint8Array, report: (code: IssueCode, message: string) => void): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    report("damaged", "This line is not UTF-8; each broken byte is shown as �.");
    return decoder.decode(bytes);
  }
}

function endsWithNewline(bytes: Uint8Array): boolean {
  return bytes.at(-1) === 0x0a;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
