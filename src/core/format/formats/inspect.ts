import { asContainerError, type ContainerError } from "../../container/containerError.ts";
import { openZip, type ZipArchive } from "../../container/zip.ts";
import type { Issue, IssueCode } from "../../rollout/issue.ts";
import type { ByteLine } from "../byteLines.ts";
import type { ByteSource, FileContext, Format, RecordLocator, ScannedRecord } from "../format.ts";
import { listSamples, readHeader, readSampleEntry, type SamplePlace } from "../inspect/evalZip.ts";
import { headerMetadata } from "../inspect/header.ts";
import { readSample } from "../inspect/sample.ts";
import { isRecord } from "../isRecord.ts";
import { jsonElements } from "../jsonElements.ts";
import { parseLine } from "../jsonLines.ts";
import { parsePartialJson } from "../partialJson.ts";
import { looksBinary } from "../sniff.ts";

type Json = Readonly<Record<string, unknown>>;

/** The newest version of the log's form that was read; a later one may say things in other places. */
const newestVersion = 3;

/**
 * Logs of Inspect AI: `.eval`, a zip file with an entry a sample (deflate; Zstandard since 0.3.206), finished or still
 * written; or `.json`, the same as one document. A trajectory is one sample in one epoch.
 */
export const inspect: Format<"inspect"> = {
  id: "inspect",
  label: "Inspect log",
  written: "Inspect AI 0.3.260 (main at 499e6152e, 2026-08-22); logs of version 1 to 3",
  lacks: "token ids, train steps, advantages; events other than the model's calls and scores",
  doc: "`.eval` and `.json` logs: messages, tool calls, reasoning, scores as rewards (C 1, P 0.5, I and N 0), scores on the way as the turns' rewards, logprobs where they were asked for. The epochs of a sample are a group.",
  extensions: [".eval", ".json"],
  sniff: ({ entries, firstRecord }) =>
    entries === null
      ? firstRecord !== null && isLog(firstRecord)
      : entries.some((name) => name === "header.json" || name === "_journal/start.json"),
  async *scan(source, file, options) {
    const walk = (await isZip(source)) ? scanZip(source, file) : scanJson(source, file);
    for await (const record of walk) {
      if (options.signal?.aborted === true) return;
      yield record;
    }
  },
  async load(source, file, locators) {
    return (await isZip(source)) ? loadZip(source, file, locators) : loadJson(source, file, locators);
  },
};

function isLog(record: Json): boolean {
  return (
    isRecord(record["eval"]) && typeof record["status"] === "string" && typeof record["version"] === "number"
  );
}

async function isZip(source: ByteSource): Promise<boolean> {
  return looksBinary(await source.read(0, 4));
}

/** An evaluation as it lies in a zip file. */
interface OpenLog {
  readonly zip: ZipArchive;
  readonly metadata: Json;
  readonly samples: readonly SamplePlace[];
  /** What is wrong with the log as a whole, told with its first record. */
  readonly issues: readonly Issue[];
}

async function openLog(source: ByteSource): Promise<OpenLog> {
  const zip = await openZip(source);
  const issues: Issue[] = [];
  const failed = ({ code, message }: ContainerError, { from }: { readonly from: number }): void =>
    void issues.push({ code, line: 0, byte: from, message });
  let header: Json = {};
  try {
    header = await readHeader(zip);
  } catch (error) {
    failed(asContainerError(error, "The log's header is damaged"), { from: 0 });
  }
  issues.push(...versionIssues(header));
  const samples = await listSamples(zip, failed);
  return { zip, metadata: headerMetadata(header), samples, issues };
}

function versionIssues({ version }: Json): readonly Issue[] {
  if (typeof version !== "number" || version <= newestVersion) return [];
  const message = `The log has version ${version}; up to ${newestVersion} is known, what is new is left out.`;
  return [{ code: "unsupported-version", line: 0, byte: 0, message }];
}

async function* scanZip(source: ByteSource, file: FileContext): AsyncGenerator<ScannedRecord> {
  const log = await opened(source);
  if ("issues" in log && log.issues.length > 0)
    yield { locator: { from: 0, to: source.size, line: 0 }, trajectories: [], issues: log.issues };
  if (!("zip" in log)) return;
  for (let i = 0; i < log.samples.length; i++) yield await readPlace(log, i, file);
}

async function loadZip(
  source: ByteSource,
  file: FileContext,
  locators: readonly RecordLocator[],
): Promise<readonly ScannedRecord[]> {
  const log = await opened(source);
  const records: ScannedRecord[] = [];
  for (const locator of locators) {
    const isSample = "zip" in log && locator.line > 0 && locator.line <= log.samples.length;
    if (isSample) records.push(await readPlace(log, locator.line - 1, file));
    else records.push({ locator, trajectories: [], issues: locator.line === 0 ? log.issues : [] });
  }
  return records;
}

async function opened(source: ByteSource): Promise<OpenLog | Pick<OpenLog, "issues">> {
  try {
    return await openLog(source);
  } catch (error) {
    const { code, message } = asContainerError(error, "The log cannot be read");
    return { issues: [{ code, line: 0, byte: 0, message }] };
  }
}

/** The sample at this place of the list; samples are numbered from 1. */
async function readPlace(
  { zip, samples, metadata }: OpenLog,
  i: number,
  file: FileContext,
): Promise<ScannedRecord> {
  const place = samples[i]!;
  const { from, to } = place.entry;
  const locator: RecordLocator = { from, to, line: i + 1 };
  const { issues, report } = issuesAt(locator);
  try {
    const { value, nonFinite } = await readSampleEntry(zip, place);
    if (!isRecord(value)) report("bad-json", "This sample is left out: it is JSON, but no object.");
    if (nonFinite > 0)
      report("non-finite", `${nonFinite} bare NaN or Infinity in this sample: NaN is read as missing.`);
    const at = { path: file.path, line: locator.line, report };
    const more =
      place.summary === null
        ? metadata
        : { ...metadata, read_from: "summary: the sample is not in the log (yet)" };
    return { locator, trajectories: isRecord(value) ? [readSample(value, more, at)] : [], issues };
  } catch (error) {
    const { code, message } = asContainerError(error, "This sample is damaged");
    report(code, message);
    return { locator, trajectories: [], issues };
  }
}

function issuesAt({ line, from }: RecordLocator): {
  readonly issues: readonly Issue[];
  report(this: void, code: IssueCode, message: string): void;
} {
  const issues: Issue[] = [];
  return { issues, report: (code, message) => void issues.push({ code, line, byte: from, message }) };
}

async function* scanJson(source: ByteSource, file: FileContext): AsyncGenerator<ScannedRecord> {
  let header: Json | null = null;
  for await (const element of jsonElements(source, ["samples"])) {
    if (header === null) {
      header = await headerBefore(source, element.from);
      const issues = versionIssues(header);
      if (issues.length > 0)
        yield { locator: { from: 0, to: element.from, line: 0 }, trajectories: [], issues };
    }
    yield readElement(element, header, file);
  }
}

async function loadJson(
  source: ByteSource,
  file: FileContext,
  locators: readonly RecordLocator[],
): Promise<readonly ScannedRecord[]> {
  let first = source.size;
  for await (const element of jsonElements(source, ["samples"])) {
    first = element.from;
    break;
  }
  const header = await headerBefore(source, first);
  const records: ScannedRecord[] = [];
  for (const locator of locators) {
    if (locator.line === 0) records.push({ locator, trajectories: [], issues: versionIssues(header) });
    else {
      const bytes = await source.read(locator.from, locator.to);
      records.push(
        readElement({ ...locator, bytes, last: locator.to >= source.size, tooLong: false }, header, file),
      );
    }
  }
  return records;
}

/** Mostly the samples stand behind all that is said of the whole log. */
async function headerBefore(source: ByteSource, first: number): Promise<Json> {
  const text = new TextDecoder().decode(await source.read(0, first));
  const bare = /(?<=[\s:,[])-?(?:NaN|Infinity)(?=[\s,\]}])/g;
  const value = (parsePartialJson(text) ?? parsePartialJson(text.replace(bare, "null")))?.value;
  return isRecord(value) ? value : {};
}

function readElement(element: ByteLine, header: Json, file: FileContext): ScannedRecord {
  const { from, to, line } = element;
  const locator: RecordLocator = { from, to, line };
  const { issues, report } = issuesAt(locator);
  const parsed = parseLine(element, report);
  if (parsed === null) return { locator, trajectories: [], issues };
  if (parsed.nonFinite > 0)
    report("non-finite", `${parsed.nonFinite} bare NaN or Infinity in this sample: NaN is read as missing.`);
  const place = { path: file.path, line, report };
  return { locator, trajectories: [readSample(parsed.record, headerMetadata(header), place)], issues };
}
