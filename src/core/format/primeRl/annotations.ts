import { ContainerError } from "../../container/containerError.ts";
import { seekableZstd } from "../../container/seekableZstd.ts";
import { byteLines, longestLine } from "../byteLines.ts";
import type { ByteSource, Nearby } from "../format.ts";
import { isRecord } from "../isRecord.ts";
import { parseTolerantJson } from "../tolerantJson.ts";

type Json = Readonly<Record<string, unknown>>;

/** Where an update stands. */
interface Place {
  /** Name of the stream's file beside the annotations, without `.zst`. */
  readonly file: string;
  readonly from: number;
  /** Beginning of the update behind it; null where that is another file, or there is none yet. */
  to: number | null;
}

/**
 * Updates of traces: each producer (the orchestrator, the trainer) appends its own stream, `PRODUCER.jsonl` or chunks
 * `PRODUCER/00000.jsonl` (`.zst` once sealed), with an index of trace ids and offsets beside it, which alone is held.
 */
export class Annotations {
  readonly #near: Nearby;
  readonly #folder: string;
  readonly #places: ReadonlyMap<string, readonly Place[]>;
  readonly #files = new Map<string, ByteSource | null>();

  private constructor(near: Nearby, folder: string, places: ReadonlyMap<string, readonly Place[]>) {
    this.#near = near;
    this.#folder = folder;
    this.#places = places;
  }

  static async beside(near: Nearby, folder: string): Promise<Annotations> {
    const places = new Map<string, Place[]>();
    for (const name of await near.list(folder)) {
      const producer = /^(.+)\.index\.jsonl$/.exec(name)?.[1];
      const index = producer === undefined ? null : await near.open(`${folder}/${name}`);
      if (index !== null) await readIndex(index, producer!, places);
    }
    return new Annotations(near, folder, places);
  }

  /** Updates of a trace in the order in which each producer wrote them; one that is torn or damaged is left out. */
  async of(traceId: string): Promise<readonly Json[]> {
    const updates: Json[] = [];
    for (const place of this.#places.get(traceId) ?? []) {
      const update = await this.#read(place);
      if (update !== null && update["trace_id"] === traceId) updates.push(update);
    }
    return updates;
  }

  async #read({ file, from, to }: Place): Promise<Json | null> {
    const source = await this.#open(file);
    if (source === null) return null;
    try {
      const bytes = await source.read(from, Math.min(to ?? source.size, source.size, from + longestLine));
      const newline = bytes.indexOf(0x0a);
      if (newline < 0) return null;
      const parsed = parseTolerantJson(new TextDecoder().decode(bytes.subarray(0, newline)));
      return parsed.ok && isRecord(parsed.value) ? parsed.value : null;
    } catch (error) {
      if (error instanceof ContainerError) return null;
      throw error;
    }
  }

  async #open(file: string): Promise<ByteSource | null> {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const path = `${this.#folder}/${file}`;
    const plain = await this.#near.open(path);
    const sealed = plain === null ? await this.#near.open(`${path}.zst`) : null;
    const source = sealed === null ? plain : await seekableZstd(sealed).catch(() => null);
    this.#files.set(file, source);
    return source;
  }
}

/** Rows `{trace_id, chunk?, offset, info}` in the order of the stream. Rows that go back are no index's. */
async function readIndex(index: ByteSource, producer: string, places: Map<string, Place[]>): Promise<void> {
  let last: Place | null = null;
  let chunk = -1;
  for await (const { bytes } of byteLines(index)) {
    const parsed = parseTolerantJson(new TextDecoder().decode(bytes));
    if (!parsed.ok || !isRecord(parsed.value)) continue;
    const { trace_id: id, offset, chunk: number = 0, chunk: given } = parsed.value;
    const fits = typeof id === "string" && isCount(offset) && isCount(number);
    if (!fits || number < chunk || (number === chunk && offset <= last!.from)) continue;
    const file = given === undefined ? `${producer}.jsonl` : `${producer}/${chunkName(number)}`;
    const place: Place = { file, from: offset, to: null };
    if (last !== null && number === chunk) last.to = offset;
    chunk = number;
    last = place;
    const known = places.get(id);
    if (known === undefined) places.set(id, [place]);
    else known.push(place);
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function chunkName(number: number): string {
  return `${String(number).padStart(5, "0")}.jsonl`;
}
