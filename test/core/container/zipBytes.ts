// Zip files (APPNOTE 6.3.10) written byte by byte, lying ones too.
import { crc32 } from "../../../src/core/container/crc32.ts";
import { concat } from "./zstdFrames.ts";

export interface Entry {
  readonly name: string;
  /** As it lies in the file. */
  readonly data: Uint8Array;
  /** Default: 0, stored. */
  readonly method?: number;
  /** Unpacked content, for its size and checksum; default: the data. */
  readonly content?: Uint8Array;
  /** What the headers say instead. */
  readonly size?: number;
  readonly compressedSize?: number;
  readonly crc?: number;
  /** Unix mode, for links. */
  readonly mode?: number;
  readonly flags?: number;
}

export function zipFile(entries: readonly Entry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const local = concat(numbers([0x04034b50, 4]), head(entry), name(entry), entry.data);
    const attributes = numbers([0, 2], [0, 2], [0, 2], [(entry.mode ?? 0o100644) * 2 ** 16, 4], [at, 4]);
    directory.push(
      concat(numbers([0x02014b50, 4], [(3 << 8) | 63, 2]), head(entry), attributes, name(entry)),
    );
    parts.push(local);
    at += local.length;
  }
  const listed = concat(...directory);
  const count = entries.length;
  const end = numbers(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [count, 2],
    [count, 2],
    [listed.length, 4],
    [at, 4],
    [0, 2],
  );
  return concat(...parts, listed, end);
}

function head({ data, content = data, method = 0, flags = 0x800, ...entry }: Entry): Uint8Array {
  const size = entry.size ?? content.length;
  const crc = entry.crc ?? crc32(content);
  return numbers(
    [20, 2],
    [flags, 2],
    [method, 2],
    [0, 2],
    [0x5a21, 2],
    [crc, 4],
    [entry.compressedSize ?? data.length, 4],
    [size, 4],
    [new TextEncoder().encode(entry.name).length, 2],
    [0, 2],
  );
}

function name(entry: Entry): Uint8Array {
  return new TextEncoder().encode(entry.name);
}

/** Little-endian numbers of 2 or 4 bytes. */
function numbers(...values: readonly (readonly [number, number])[]): Uint8Array {
  return concat(
    ...values.map(([value, length]) =>
      Uint8Array.from({ length }, (_, i) => Math.floor(value / 256 ** i) % 256),
    ),
  );
}
