import type { ByteSource } from "../format/format.ts";
import { ContainerError } from "./containerError.ts";
import { decompressZstd } from "./zstd.ts";

/**
 * Zstandard's seekable format (facebook/zstd, contrib/seekable_format): independent frames, and behind them a skippable
 * frame that lists their sizes.
 */
const [tableMagic, footerMagic] = [0x184d2a5e, 0x8f92eab1];
const [headerSize, footerSize] = [8, 9];

/** A frame is decoded as a whole. Writers cut at some megabytes. */
const largestFrame = 1 << 28;
/** Frames kept decoded: what is read next is mostly in the last one, or begins there. */
const keptFrames = 2;

interface Frame {
  /** Bytes in the file, half-open. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the text, half-open. */
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes that a seekable file holds, to be read anywhere at the cost of a frame.
 * @throws ContainerError when the file has no such table, or the table does not fit it; so does reading damaged frames
 */
export async function seekableZstd(source: ByteSource): Promise<ByteSource> {
  const frames = await readFrames(source);
  const kept = new Map<number, Uint8Array>();
  const contentOf = async (index: number): Promise<Uint8Array> => {
    const known = kept.get(index);
    if (known !== undefined) return known;
    const { from, to, start, end } = frames[index]!;
    const content = decompressZstd(await source.read(from, to), end - start);
    if (content.length !== end - start) throw damaged("a frame is not as long as its table says");
    kept.set(index, content);
    if (kept.size > keptFrames) kept.delete(kept.keys().next().value!);
    return content;
  };
  const size = frames.at(-1)?.end ?? 0;
  return {
    size,
    async read(from, to) {
      const out = new Uint8Array(Math.max(0, Math.min(to, size) - from));
      for (let at = 0, index = frameAt(frames, from); at < out.length; index++) {
        const content = await contentOf(index);
        const skipped = from + at - frames[index]!.start;
        const part = content.subarray(skipped, skipped + out.length - at);
        out.set(part, at);
        at += part.length;
      }
      return out;
    },
  };
}

/** The frame that holds a byte of the text. */
function frameAt(frames: readonly Frame[], offset: number): number {
  let low = 0;
  let high = frames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle]!.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function readFrames(source: ByteSource): Promise<readonly Frame[]> {
  const { size } = source;
  const footer = view(await source.read(Math.max(0, size - footerSize), size));
  if (footer.byteLength < footerSize || footer.getUint32(5, true) !== footerMagic)
    throw damaged("it has no table of its frames (its end may not be written yet)");
  const count = footer.getUint32(0, true);
  // Bit 7 of the descriptor: each entry has a checksum behind its two sizes.
  const width = (footer.getUint8(4) & 0x80) === 0 ? 8 : 12;
  const tableFrom = size - footerSize - count * width - headerSize;
  if (tableFrom < 0) throw damaged("its table is longer than the file");
  const table = view(await source.read(tableFrom, size - footerSize));
  const length = count * width + footerSize;
  if (table.getUint32(0, true) !== tableMagic || table.getUint32(4, true) !== length)
    throw damaged("its table does not begin where it should");
  const frames: Frame[] = [];
  let [from, start] = [0, 0];
  for (let k = 0; k < count; k++) {
    const at = headerSize + k * width;
    const to = from + table.getUint32(at, true);
    const content = table.getUint32(at + 4, true);
    if (content > largestFrame) throw new ContainerError("refused", `A zstd frame holds ${content} bytes.`);
    // Frames without content (an empty flush) hold nothing to be found.
    if (content > 0) frames.push({ from, to, start, end: start + content });
    from = to;
    start += content;
  }
  if (from !== tableFrom) throw damaged("its table does not fit its frames");
  return frames;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(what: string): ContainerError {
  return new ContainerError("damaged", `This seekable zstd file cannot be read: ${what}.`);
}
