import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { messageOrNull, readMessage } from "../protobuf/message.ts";

/** One logged value. */
export interface HistoryItem {
  /** The keys that lead to it, from the outermost. */
  readonly keys: readonly string[];
  /** JSON as Python writes it. */
  readonly json: string;
}

/** What curves need of a record (wandb/proto/wandb_internal.proto); null where the record says something else. */
export interface WandbRecord {
  readonly history: { readonly items: readonly HistoryItem[]; readonly step: number | null } | null;
  readonly run: { readonly id: string; readonly name: string } | null;
  /** Metrics (`*` at the end: all that begin so) that are drawn over another one. */
  readonly stepMetric: { readonly pattern: string; readonly metric: string } | null;
}

/** Null where the bytes are no record. */
export function readRecord(payload: Uint8Array): WandbRecord | null {
  return messageOrNull(() => {
    let history: WandbRecord["history"] = null;
    let run: WandbRecord["run"] = null;
    let stepMetric: WandbRecord["stepMetric"] = null;
    readMessage(payload, (field, wireType, value) => {
      if (wireType !== WireType.LengthDelimited) return false;
      if (field === 2) history = readHistory(value.bytes());
      else if (field === 12) stepMetric = readMetric(value.bytes());
      else if (field === 17) run = readRun(value.bytes());
      else return false;
      return true;
    });
    return { history, run, stepMetric };
  });
}

function readHistory(message: Uint8Array): WandbRecord["history"] {
  const items: HistoryItem[] = [];
  let step: number | null = null;
  readMessage(message, (field, wireType, value) => {
    if (wireType !== WireType.LengthDelimited) return false;
    if (field === 1) items.push(readItem(value.bytes()));
    else if (field === 2) step = readStep(value.bytes());
    else return false;
    return true;
  });
  return { items, step };
}

/** The current SDK puts the keys of every value into `nested_key`, old ones a flat key into `key`. */
function readItem(message: Uint8Array): HistoryItem {
  const keys: string[] = [];
  let key = "";
  let json = "";
  readMessage(message, (field, wireType, value) => {
    if (wireType !== WireType.LengthDelimited) return false;
    if (field === 1) key = value.string();
    else if (field === 2) keys.push(value.string());
    else if (field === 16) json = value.string();
    else return false;
    return true;
  });
  return { keys: keys.length > 0 ? keys : [key], json };
}

function readStep(message: Uint8Array): number {
  let step = 0;
  readMessage(message, (field, wireType, value) => {
    if (field !== 1 || wireType !== WireType.Varint) return false;
    step = Number(value.int64());
    return true;
  });
  return step;
}

function readRun(message: Uint8Array): WandbRecord["run"] {
  const { 1: id = "", 8: name = "" } = texts(message, [1, 8]);
  return id === "" ? null : { id, name: name === "" ? id : name };
}

function readMetric(message: Uint8Array): WandbRecord["stepMetric"] {
  const { 1: name = "", 2: glob = "", 4: metric = "" } = texts(message, [1, 2, 4]);
  const pattern = name === "" ? glob : name;
  return pattern === "" || metric === "" ? null : { pattern, metric };
}

/** Fields of a message that are text. */
function texts(message: Uint8Array, wanted: readonly number[]): Partial<Record<number, string>> {
  const found: Partial<Record<number, string>> = {};
  readMessage(message, (field, wireType, value: BinaryReader) => {
    if (!wanted.includes(field) || wireType !== WireType.LengthDelimited) return false;
    found[field] = value.string();
    return true;
  });
  return found;
}
