import { open, readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";

/** Element types of the arrays of a file. */
const types = { Uint8Array, Int8Array, Int32Array, Float64Array } as const;
type TypeName = keyof typeof types;
export type StoredArray = InstanceType<(typeof types)[TypeName]>;

interface Head {
  readonly head: unknown;
  readonly arrays: readonly { readonly name: string; readonly type: TypeName; readonly length: number }[];
}

const checksumBytes = 4;

/**
 * Writes a value and typed arrays into a file: a length, the value and the arrays' types as JSON, the arrays' bytes as
 * they are, and a checksum of all. Nothing is copied: an index can be as large as what memory has left.
 */
export async function writeArrays(
  path: string,
  head: unknown,
  arrays: readonly (readonly [name: string, array: ArrayBufferView])[],
): Promise<void> {
  const described: Head = {
    head,
    arrays: arrays.map(([name, array]) => {
      const type = array instanceof Uint8Array ? "Uint8Array" : (array.constructor.name as TypeName);
      return { name, type, length: (array as StoredArray).length };
    }),
  };
  const json = Buffer.from(JSON.stringify(described));
  const size = Buffer.alloc(8);
  size.writeDoubleLE(json.length);
  let checksum = 0;
  const file = await open(path, "wx");
  try {
    for (const piece of [size, json, ...arrays.map(([, array]) => array)]) {
      const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
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

/** What `writeArrays` wrote; null where the file is not there, or is not what was written. */
export async function readArrays(
  path: string,
): Promise<{ readonly head: unknown; readonly arrays: ReadonlyMap<string, StoredArray> } | null> {
  try {
    const bytes = await readFile(path);
    const body = bytes.subarray(0, bytes.length - checksumBytes);
    if (crc32(body) !== bytes.readUInt32LE(body.length)) return null;
    const from = 8 + body.readDoubleLE(0);
    const { head, arrays } = JSON.parse(body.toString("utf8", 8, from)) as Head;
    const found = new Map<string, StoredArray>();
    let at = from;
    for (const { name, type, length } of arrays) {
      const to = at + length * types[type].BYTES_PER_ELEMENT;
      // A copy of its own: a view may begin where its type cannot, and would keep the whole file in memory.
      found.set(name, new types[type](new Uint8Array(body.subarray(at, to)).buffer));
      at = to;
    }
    return { head, arrays: found };
  } catch {
    return null;
  }
}
