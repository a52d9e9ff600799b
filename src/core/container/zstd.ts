import { Decompress } from "fzstd";
import { checkGrowth } from "./bomb.ts";
import { asContainerError, ContainerError } from "./containerError.ts";

/** What zstd itself takes unless it is asked for more: a window of 128 MiB. */
const largestWindow = 1 << 27;
/** The decoder moves its window once a block: this many bytes are some seconds. */
const mostMoved = 2 ** 36;

/**
 * Zstandard data (RFC 8878): frames one after the other, skippable ones among them, as Inspect writes entries above
 * 200 MiB. Block headers are walked before anything is decoded, so that a window or a size that no log has costs nothing;
 * what blocks really hold is counted while they are decoded. Checksums of frames are not compared: containers have their own.
 */
export function decompressZstd(bytes: Uint8Array, mostBytes: number): Uint8Array {
  const what = "A zstd stream";
  const pieces: Uint8Array[] = [];
  let size = 0;
  const keep = (piece: Uint8Array): void => {
    size += piece.length;
    checkGrowth(bytes.length, size, mostBytes, what);
    if (piece.length > 0) pieces.push(piece);
  };
  let at = 0;
  let declared = 0;
  const frames: (readonly [number, number])[] = [];
  while (at < bytes.length) {
    const frame = walkFrame(bytes, at);
    if (!frame.isSkipped) frames.push([at, frame.to]);
    declared += frame.least;
    checkGrowth(bytes.length, declared, mostBytes, what);
    at = frame.to;
  }
  for (const [from, to] of frames) {
    try {
      new Decompress(keep).push(bytes.subarray(from, to), true);
    } catch (error) {
      throw asContainerError(error, "A zstd frame is damaged");
    }
  }
  return joined(pieces, size);
}

interface Frame {
  readonly to: number;
  readonly isSkipped: boolean;
  /** Bytes it surely grows to. */
  readonly least: number;
}

const [frameMagic, skippableMagic] = [0xfd2fb528, 0x184d2a50];
const [rle, reserved] = [1, 3];

/** From a frame's magic number to the end of its last block and checksum, by the headers alone. */
function walkFrame(bytes: Uint8Array, from: number): Frame {
  const magic = number(bytes, from, 4);
  if (magic >= skippableMagic && magic < skippableMagic + 16)
    return { to: inside(bytes, from + 8 + number(bytes, from + 4, 4)), isSkipped: true, least: 0 };
  if (magic !== frameMagic) throw damaged("does not begin with a zstd frame");
  const flags = number(bytes, from + 4, 1);
  const isSingle = (flags & 32) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!;
  let at = from + 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][flags & 3]!;
  const contentSize = number(bytes, at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  const window = isSingle ? contentSize : windowOf(number(bytes, from + 5, 1));
  if (window > largestWindow)
    throw new ContainerError("refused", `A zstd frame asks for ${window} bytes of window.`);
  at += sizeBytes;
  let least = 0;
  let blocks = 0;
  for (let isLast = false; !isLast; blocks++) {
    const header = number(bytes, at, 3);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === reserved) throw damaged("has a block of no known type");
    if (type <= rle) least += size;
    at = inside(bytes, at + 3 + (type === rle ? 1 : size));
    isLast = (header & 1) === 1;
  }
  if (blocks * window > mostMoved)
    throw new ContainerError(
      "refused",
      `A zstd frame has ${blocks} blocks under a window of ${window} bytes.`,
    );
  return {
    to: inside(bytes, at + ((flags & 4) === 0 ? 0 : 4)),
    isSkipped: false,
    least: Math.max(least, contentSize),
  };
}

/** RFC 8878, 3.1.1.1.2. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Little-endian. */
function number(bytes: Uint8Array, from: number, length: number): number {
  inside(bytes, from + length);
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[from + i]!;
  return value;
}

function inside(bytes: Uint8Array, to: number): number {
  if (to > bytes.length) throw damaged("ends too early");
  return to;
}

function damaged(what: string): ContainerError {
  return new ContainerError("damaged", `The zstd data ${what}.`);
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const out = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
