import { asContainerError, ContainerError } from "../../container/containerError.ts";
import type { ZipArchive, ZipEntry } from "../../container/zip.ts";
import { isRecord } from "../isRecord.ts";
import { parseTolerantJson } from "../tolerantJson.ts";
import { expandRefs } from "./conversation.ts";

type Json = Readonly<Record<string, unknown>>;

/** A sample of a zip: its entry, that of its shell (chunked), or the summary that alone says of it. */
export interface SamplePlace {
  readonly entry: ZipEntry;
  /** Path before the entries of a chunked sample. */
  readonly chunks: string | null;
  readonly summary: Json | null;
}

export interface ReadEntry {
  readonly value: unknown;
  /** How many bare NaN and infinities it holds. */
  readonly nonFinite: number;
}

/** JSON of an entry. Throws a ContainerError. */
export async function readEntry(zip: ZipArchive, entry: ZipEntry): Promise<ReadEntry> {
  const bytes = await zip.read(entry);
  const parsed = parseTolerantJson(new TextDecoder().decode(bytes));
  if (parsed.ok) return parsed;
  throw new ContainerError(
    "damaged",
    `${JSON.stringify(entry.name.slice(0, 80))} is left out: ${parsed.message}.`,
  );
}

/** The header; while the evaluation runs only its beginning is there, in the journal. */
export async function readHeader(zip: ZipArchive): Promise<Json> {
  const entry = zip.get("header.json") ?? zip.get("_journal/start.json");
  const value = entry === undefined ? {} : (await readEntry(zip, entry)).value;
  return isRecord(value) ? value : {};
}

/**
 * The samples of a log: those that have entries, then those of which there are only summaries, as a run that goes on
 * writes them before its samples. Summaries of the journal follow each other: of one sample the last is right.
 */
export async function listSamples(
  zip: ZipArchive,
  failed: (error: ContainerError, entry: ZipEntry) => void,
): Promise<readonly SamplePlace[]> {
  const places: SamplePlace[] = [];
  const seen = new Set<string>();
  for (const entry of zip.entries) {
    const [, monolith, chunked] =
      /^samples\/(?:(.+_epoch_\d+)\.json|(.+_epoch_\d+)\/sample\.json)$/s.exec(entry.name) ?? [];
    const name = monolith ?? chunked;
    if (name === undefined) continue;
    seen.add(name);
    places.push({ entry, chunks: chunked === undefined ? null : `samples/${chunked}/`, summary: null });
  }
  const summaries = new Map<string, SamplePlace>();
  for (const entry of summaryEntries(zip)) {
    try {
      const { value } = await readEntry(zip, entry);
      for (const summary of Array.isArray(value) ? value : []) {
        if (!isRecord(summary)) continue;
        const name = `${String(summary["id"])}_epoch_${String(summary["epoch"])}`;
        if (!seen.has(name)) summaries.set(name, { entry, chunks: null, summary });
      }
    } catch (error) {
      failed(asContainerError(error, "A summary of samples is damaged"), entry);
    }
  }
  return [...places, ...summaries.values()];
}

/** `summaries.json` of a finished log, else the journal's in the order of their numbers. */
function summaryEntries(zip: ZipArchive): readonly ZipEntry[] {
  const whole = zip.get("summaries.json");
  if (whole !== undefined) return [whole];
  return numbered(zip, "_journal/summaries/");
}

/** `PREFIX<number>.json`, in the order of the numbers. */
function numbered(zip: ZipArchive, prefix: string): readonly ZipEntry[] {
  return zip.entries
    .flatMap((entry) => {
      const digits = entry.name.startsWith(prefix)
        ? /^(\d{1,15})\.json$/.exec(entry.name.slice(prefix.length))
        : null;
      return digits === null ? [] : [{ entry, number: Number(digits[1]) }];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ entry }) => entry);
}

/** A sample as its one entry would hold it. Throws a ContainerError. */
export async function readSampleEntry(
  zip: ZipArchive,
  { entry, chunks, summary }: SamplePlace,
): Promise<ReadEntry> {
  if (summary !== null) return { value: summary, nonFinite: 0 };
  const shell = await readEntry(zip, entry);
  if (chunks === null || !isRecord(shell.value)) return shell;
  let { nonFinite } = shell;
  const sequence = async (name: string): Promise<unknown[]> => {
    const items: unknown[] = [];
    for (const chunk of numbered(zip, `${chunks}${name}/`)) {
      const read = await readEntry(zip, chunk);
      nonFinite += read.nonFinite;
      if (Array.isArray(read.value)) for (const item of read.value) items.push(item);
    }
    return items;
  };
  const pool = await sequence("messages");
  const events = await sequence("events");
  const attachments = Object.fromEntries((await sequence("attachments")).entries());
  const metadata = zip.get(`${chunks}metadata.json`);
  const refs = shell.value["message_refs"];
  const value = {
    ...shell.value,
    ...(metadata === undefined ? {} : { metadata: (await readEntry(zip, metadata)).value }),
    messages: expandRefs(Array.isArray(refs) ? refs : [], pool),
    events,
    events_data: { messages: pool },
    attachments,
  };
  return { value, nonFinite };
}
