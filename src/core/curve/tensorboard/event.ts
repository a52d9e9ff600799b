import { WireType } from "@bufbuild/protobuf/wire";
import { bytesAt, messageOrNull, readMessage } from "../protobuf/message.ts";
import { scalarTensor } from "./scalarTensor.ts";

/** One tagged value of a summary. */
export interface SummaryValue {
  readonly tag: string;
  /** Which of TensorBoard's plugins shows it; null where it is not said, as in all values of a tag but the first. */
  readonly plugin: string | null;
  /** Float32; undefined where there is none. */
  readonly simpleValue: number | undefined;
  /** A tensor, still to be read; null where there is none. */
  readonly tensor: Uint8Array | null;
}

/** What curves need of an event (tensorflow/core/util/event.proto). */
export interface TensorboardEvent {
  /** Seconds since the epoch. */
  readonly wallTime: number;
  /** May be negative; beyond 2^53 the nearest float64. */
  readonly step: number;
  readonly values: readonly SummaryValue[];
  /** The trainer began here, for the first time or again. */
  readonly isStart: boolean;
}

/** Null where the bytes are no event. */
export function readEvent(payload: Uint8Array): TensorboardEvent | null {
  return messageOrNull(() => {
    const values: SummaryValue[] = [];
    let wallTime = NaN;
    let step = 0;
    let isStart = false;
    readMessage(payload, (field, wireType, value) => {
      if (field === 1 && wireType === WireType.Bit64) wallTime = value.double();
      else if (field === 2 && wireType === WireType.Varint) step = Number(value.int64());
      else if (field === 5 && wireType === WireType.LengthDelimited) readSummary(value.bytes(), values);
      else if (field === 7 && wireType === WireType.LengthDelimited)
        isStart = isStartLog(value.bytes()) || isStart;
      else return false;
      return true;
    });
    return { wallTime, step, values, isStart };
  });
}

function readSummary(summary: Uint8Array, out: SummaryValue[]): void {
  readMessage(summary, (field, wireType, value) => {
    if (field !== 1 || wireType !== WireType.LengthDelimited) return false;
    out.push(readValue(value.bytes()));
    return true;
  });
}

function readValue(message: Uint8Array): SummaryValue {
  let tag = "";
  let plugin: string | null = null;
  let simpleValue: number | undefined;
  let tensor: Uint8Array | null = null;
  readMessage(message, (field, wireType, value) => {
    if (field === 1 && wireType === WireType.LengthDelimited) tag = value.string();
    else if (field === 2 && wireType === WireType.Bit32) simpleValue = value.float();
    else if (field === 8 && wireType === WireType.LengthDelimited) tensor = value.bytes();
    else if (field === 9 && wireType === WireType.LengthDelimited) plugin = pluginOf(value.bytes());
    else return false;
    return true;
  });
  return { tag, plugin, simpleValue, tensor };
}

/** `plugin_data.plugin_name` of a summary's metadata; null where it is empty. */
function pluginOf(metadata: Uint8Array): string | null {
  const data = bytesAt(metadata, 1);
  const name = data === null ? null : bytesAt(data, 1);
  return name === null ? null : new TextDecoder().decode(name) || null;
}

/** A session log whose status is START. */
function isStartLog(log: Uint8Array): boolean {
  let status = 0;
  readMessage(log, (field, wireType, value) => {
    if (field !== 1 || wireType !== WireType.Varint) return false;
    status = value.int32();
    return true;
  });
  return status === 1;
}

/** The number of a value whose tag belongs to a plugin; undefined where it is no scalar. */
export function scalarOf({ simpleValue, tensor }: SummaryValue, plugin: string | null): number | undefined {
  if (simpleValue !== undefined) return simpleValue;
  return tensor !== null && plugin === "scalars" ? scalarTensor(tensor) : undefined;
}
