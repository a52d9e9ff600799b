import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { type ArrayType, arrayTypes } from "./pagedArray.ts";

/** Arrays by name, each in pages. */
export type PagesByName = Readonly<Record<string, readonly ArrayBufferView[]>>;

interface Head {
  readonly head: unknown;
  readonly arrays: readonly {
    readonly name: string;
    readonly pages: readonly { readonly type: ArrayType; readonly length: number }[];
  }[];
}

const checksumBytes = 4;

/**
 * Writes a value and typed arrays into a file: a length, the value and the arrays' types as JSON, the arrays' bytes as
 * they are, and a checksum of all. Nothing is copied: an index can be as large as what memory has left.
 */
export async function writeArrays(path: string, head: unknown, arrays: PagesByName): Promise<void> {
  const described: Head = {
    head,
    arrays: Object.entries(arrays).map(([name, pages]) => ({
      name,
      pages: pages.map((page) => {
        const type = page instanceof Uint8Array ? "Uint8Array" : (page.constructor.name as ArrayType);
        return { type, length: page.byteLength / arrayTypes[type].BYTES_PER_ELEMENT };
      }),
    })),
  };
  const json = Buffer.from(JSON.stringify(described));
  const size = Buffer.alloc(8);
  size.writeDoubleLE(json.length);
  let checksum = 0;
  const file = await open(path, "wx");
  try {
    for (const piece of [size, json, ...Object.values(arrays).flat()]) {
      const bytes = bytesOf(piece);
      checksum = crc32(bytes, checksum);
      for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
    }
    const last = Buffer.alloc(checksumBytes);
    last.writeUInt32LE(checksum);
    await file.write(last);
  } finally {
    await file.close();
  }
}

/** What `writeArrays` wrote, each page in memory of its own; null where the file is not there, or is not what was written. */
export async function readArrays(
  path: string,
): Promise<{ readonly head: unknown; readonly arrays: PagesByName } | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    // A length that is damaged must not be believed.
    let left = (await file.stat()).size - checksumBytes;
    let checksum = 0;
    const read = async <A extends ArrayBufferView>(array: A): Promise<A> => {
      const bytes = bytesOf(array);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at);
        if (bytesRead === 0) throw new RangeError("the file is cut off");
        at += bytesRead;
      }
      checksum = crc32(bytes, checksum);
      return array;
    };
    const take = (bytes: number): number => {
      left -= bytes;
      if (!(left >= 0)) throw new RangeError("the file is shorter than it says");
      return bytes;
    };
    const size = await read(Buffer.alloc(take(8)));
    const json = await read(Buffer.alloc(take(size.readDoubleLE(0))));
    const { head, arrays } = JSON.parse(json.toString()) as Head;
    const found: Record<string, ArrayBufferView[]> = Object.create(null) as Record<string, ArrayBufferView[]>;
    for (const { name, pages } of arrays) {
      found[name] = [];
      for (const { type, length } of pages) {
        take(length * arrayTypes[type].BYTES_PER_ELEMENT);
        found[name].push(await read(new arrayTypes[type](length)));
      }
    }
    const wanted = checksum;
    const last = await read(Buffer.alloc(checksumBytes));
    return left === 0 && last.readUInt32LE(0) === wanted ? { head, arrays: found } : null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
