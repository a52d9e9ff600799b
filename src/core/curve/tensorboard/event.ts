import { scalarTensor } from "./scalarTensor.ts";
import { WireReader } from "./wireReader.ts";

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
  const message = new WireReader(payload);
  const values: SummaryValue[] = [];
  let wallTime = NaN;
  let step = 0;
  let isStart = false;
  let isWhole = true;
  while (message.next()) {
    switch (message.field) {
      case 1:
        wallTime = message.double();
        break;
      case 2:
        step = message.int64();
        break;
      case 5:
        isWhole &&= readSummary(message.message(), values);
        break;
      case 7:
        isStart ||= statusOf(message.message()) === 1;
        break;
      default:
        message.skip();
    }
  }
  return message.failed || !isWhole ? null : { wallTime, step, values, isStart };
}

/** @returns false where the message is broken */
function readSummary(message: WireReader, out: SummaryValue[]): boolean {
  let isWhole = true;
  while (message.next()) {
    if (message.field === 1) {
      const value = readValue(message.message());
      if (value === null) isWhole = false;
      else out.push(value);
    } else message.skip();
  }
  return isWhole && !message.failed;
}

function readValue(message: WireReader): SummaryValue | null {
  let tag = "";
  let plugin: string | null = null;
  let simpleValue: number | undefined;
  let tensor: Uint8Array | null = null;
  while (message.next()) {
    switch (message.field) {
      case 1:
        tag = message.text();
        break;
      case 2:
        simpleValue = message.float();
        break;
      case 8:
        tensor = message.bytes();
        break;
      case 9:
        plugin = pluginOf(message.message());
        break;
      default:
        message.skip();
    }
  }
  return message.failed ? null : { tag, plugin, simpleValue, tensor };
}

/** `plugin_data.plugin_name` of a summary's metadata; null where it is empty. */
function pluginOf(metadata: WireReader): string | null {
  const data = messageAt(metadata, 1);
  const name = data === null ? null : messageAt(data, 1);
  return name === null ? null : new TextDecoder().decode(name) || null;
}

/** Bytes of a length-delimited field; null where the message has none. */
function messageAt(from: WireReader | Uint8Array, field: number): Uint8Array | null {
  const message = from instanceof WireReader ? from : new WireReader(from);
  let found: Uint8Array | null = null;
  while (message.next()) {
    if (message.field === field) found = message.bytes();
    else message.skip();
  }
  return found;
}

function statusOf(log: WireReader): number {
  let status = 0;
  while (log.next()) {
    if (log.field === 1) status = log.int64();
    else log.skip();
  }
  return status;
}

/** The number of a value whose tag belongs to a plugin; undefined where it is no scalar. */
export function scalarOf({ simpleValue, tensor }: SummaryValue, plugin: string | null): number | undefined {
  if (simpleValue !== undefined) return simpleValue;
  return tensor !== null && plugin === "scalars" ? scalarTensor(new WireReader(tensor)) : undefined;
}
