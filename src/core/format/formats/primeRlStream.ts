import { ContainerError } from "../../container/containerError.ts";
import { seekableZstd } from "../../container/seekableZstd.ts";
import type { Issue } from "../../rollout/issue.ts";
import { type ByteLine, byteLines } from "../byteLines.ts";
import type { ByteSource, FileContext, FileHead, Format, ScannedRecord } from "../format.ts";
import { isRecord } from "../isRecord.ts";
import { parseLine, type RecordPlace } from "../jsonLines.ts";
import { Annotations } from "../primeRl/annotations.ts";
import { foldUpdates } from "../primeRl/fold.ts";
import { isEpisode, readEpisode } from "../verifiers/episode.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * prime-rl's trace stream since September 2026 (`monitors/file/traces/`): every episode once, as it arrives, in
 * `stream.jsonl` (31 August to 2 September) or in chunks `stream/00000.jsonl`, which are sealed as seekable zstd when they
 * are full. What is learned of a trace later (the step it was trained in, its advantages, the trainer's logprobs and
 * entropies) stands in `annotations/PRODUCER…` and is folded back here. Places in a sealed chunk are those of its text,
 * as in prime-rl's own index.
 */
export const primeRlStream: Format<"primeRlStream"> = {
  id: "primeRlStream",
  label: "prime-rl trace stream",
  written:
    "prime-rl after #3465 (048a6e234, 551bfc39b, 2026-09) and #3525 (799bb5085), #3444's single file (2026-08-31)",
  lacks: "text of tokens; rollouts that are still running (`live/`)",
  doc: "Episodes in order of arrival, plain or sealed with zstd, with the trainer's annotations folded in.",
  extensions: [".jsonl", ".zst"],
  sniff: ({ path, bytes, firstRecord }: FileHead) =>
    isSealed(path)
      ? [0x28, 0xb5, 0x2f, 0xfd].every((byte, i) => bytes[i] === byte)
      : isStream(path) && firstRecord !== null && isEpisode(firstRecord),
  async *scan(source, file, options) {
    const opened = await open(source, file);
    if ("locator" in opened) {
      yield opened;
      return;
    }
    try {
      for await (const line of byteLines(opened.text, options.from)) {
        if (options.signal?.aborted === true) return;
        const record = await readRecord(line, opened);
        if (record !== null) yield record;
      }
    } catch (error) {
      yield refused(error, source);
    }
  },
  async load(source, file, locators) {
    const opened = await open(source, file);
    const records: ScannedRecord[] = [];
    for (const locator of locators) {
      const none = { locator, trajectories: [], issues: [] };
      try {
        if ("locator" in opened) records.push(none);
        else {
          const bytes = await opened.text.read(locator.from, locator.to);
          const line = { bytes, ...locator, last: locator.to >= opened.text.size, tooLong: false };
          records.push((await readRecord(line, opened)) ?? none);
        }
      } catch (error) {
        records.push(refused(error, source));
      }
    }
    return records;
  },
};

function isStream(path: string): boolean {
  return /(?:^|\/)stream(?:\.jsonl|\/\d{5,}\.jsonl)$/.test(path);
}

function isSealed(path: string): boolean {
  return /(?:^|\/)stream\/\d{5,}\.jsonl\.zst$/.test(path);
}

interface OpenStream {
  readonly path: string;
  readonly text: ByteSource;
  readonly annotations: Annotations;
}

/** The stream's text and its annotations; a record of why where the text cannot be had. */
async function open(source: ByteSource, file: FileContext): Promise<OpenStream | ScannedRecord> {
  try {
    const text = isSealed(file.path) ? await seekableZstd(source) : source;
    const isChunk = /\/stream\/[^/]+$/.test(`/${file.path}`);
    const annotations = await Annotations.beside(file.near, isChunk ? "../annotations" : "annotations");
    return { path: file.path, text, annotations };
  } catch (error) {
    return refused(error, source);
  }
}

async function readRecord(line: ByteLine, { path, annotations }: OpenStream): Promise<ScannedRecord | null> {
  const locator = { from: line.from, to: line.to, line: line.line };
  const issues: Issue[] = [];
  const report: RecordPlace["report"] = (code, message) => {
    issues.push({ code, line: line.line, byte: line.from, message });
  };
  const parsed = parseLine(line, report);
  if (parsed === null) return issues.length === 0 ? null : { locator, trajectories: [], issues };
  const record = await withUpdates(parsed.record, annotations);
  return { locator, trajectories: readEpisode(record, { path, line: line.line, report }), issues };
}

async function withUpdates(record: Json, annotations: Annotations): Promise<Json> {
  const { traces } = record;
  if (!Array.isArray(traces)) return record;
  const folded: unknown[] = [];
  for (const trace of traces as unknown[]) {
    const id = isRecord(trace) ? trace["id"] : undefined;
    folded.push(typeof id === "string" ? foldUpdates(trace as Json, await annotations.of(id)) : trace);
  }
  return { ...record, traces: folded };
}

function refused(error: unknown, source: ByteSource): ScannedRecord {
  if (!(error instanceof ContainerError)) throw error;
  const issue: Issue = { code: error.code, line: 1, byte: 0, message: error.message };
  return { locator: { from: 0, to: source.size, line: 1 }, trajectories: [], issues: [issue] };
}
