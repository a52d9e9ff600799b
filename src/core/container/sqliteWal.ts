/** Sizes of the log's header and of each frame's (sqlite.org/fileformat2.html, section 4). */
const headerSize = 32;
const frameHeaderSize = 24;

/** Checksums read words with the highest byte first where the magic number ends in 1. */
const magic = 0x377f0682;

/** A write-ahead log as far as it is committed. */
export interface WalContent {
  readonly pageSize: number;
  /** Pages of the database after the last commit. */
  readonly pages: number;
  /** The newest image of each page in the log, by its number from 1; views of the log. */
  readonly newest: ReadonlyMap<number, Uint8Array>;
}

/**
 * The committed frames of a write-ahead log. As SQLite does, the log ends before the first frame whose salts or
 * checksum do not fit: what an earlier log left behind, or what is being written. Null where nothing is committed.
 */
export function readWal(wal: Uint8Array): WalContent | null {
  const view = new DataView(wal.buffer, wal.byteOffset, wal.byteLength);
  if (wal.length < headerSize || (view.getUint32(0) & ~1) >>> 0 !== magic) return null;
  const pageSize = view.getUint32(8);
  if (!isPageSize(pageSize)) return null;
  const isLittle = (view.getUint32(0) & 1) === 0;
  let sums: Sums = checksum(view, 0, 24, isLittle, [0, 0]);
  if (!isSum(view, 24, sums)) return null;
  const pending = new Map<number, Uint8Array>();
  const newest = new Map<number, Uint8Array>();
  let pages = 0;
  const frameSize = frameHeaderSize + pageSize;
  for (let at = headerSize; at + frameSize <= wal.length; at += frameSize) {
    const page = view.getUint32(at);
    const hasSalts =
      view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20);
    if (page === 0 || !hasSalts) break;
    sums = checksum(view, at, 8, isLittle, sums);
    sums = checksum(view, at + frameHeaderSize, pageSize, isLittle, sums);
    if (!isSum(view, at + 16, sums)) break;
    pending.set(page, wal.subarray(at + frameHeaderSize, at + frameSize));
    const committed = view.getUint32(at + 4);
    if (committed === 0) continue;
    pages = committed;
    for (const [number, image] of pending) newest.set(number, image);
    pending.clear();
  }
  return pages === 0 ? null : { pageSize, pages, newest };
}

/** A power of two from 512 to 65,536. */
export function isPageSize(size: number): boolean {
  return size >= 512 && size <= 65536 && (size & (size - 1)) === 0;
}

type Sums = readonly [number, number];

/** Two running sums over pairs of 32-bit words. */
function checksum(view: DataView, from: number, length: number, isLittle: boolean, [a, b]: Sums): Sums {
  let [first, second] = [a, b];
  for (let at = from; at < from + length; at += 8) {
    first = (first + view.getUint32(at, isLittle) + second) >>> 0;
    second = (second + view.getUint32(at + 4, isLittle) + first) >>> 0;
  }
  return [first, second];
}

function isSum(view: DataView, at: number, [first, second]: Sums): boolean {
  return view.getUint32(at) === first && view.getUint32(at + 4) === second;
}
