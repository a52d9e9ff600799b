// Zstandard frames (RFC 8878) written byte by byte: blocks as they are and blocks of one byte many times.

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const magic = [0x28, 0xb5, 0x2f, 0xfd];

/** A frame that does not announce its size, with this window descriptor. */
export function frameHead({ window }: { readonly window: number }): Uint8Array {
  return new Uint8Array([...magic, 0, window]);
}

export function rawBlock(text: string, isLast: boolean): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return concat(blockHead(bytes.length, 0, isLast), bytes);
}

export function rleBlock(byte: number, count: number, isLast: boolean): Uint8Array {
  return concat(blockHead(count, 1, isLast), new Uint8Array([byte]));
}

function blockHead(size: number, type: number, isLast: boolean): Uint8Array {
  const head = (size << 3) | (type << 1) | Number(isLast);
  return new Uint8Array([head & 255, (head >> 8) & 255, head >> 16]);
}

/** A frame that announces its size in four bytes and holds the text as it is. */
export function zstdFrame(text: string): Uint8Array {
  const size = new DataView(new ArrayBuffer(4));
  size.setUint32(0, new TextEncoder().encode(text).length, true);
  return concat(new Uint8Array([...magic, 0xa0]), new Uint8Array(size.buffer), rawBlock(text, true));
}

export function skippableFrame(length: number): Uint8Array {
  return new Uint8Array([0x53, 0x2a, 0x4d, 0x18, length, 0, 0, 0, ...new Uint8Array(length)]);
}
