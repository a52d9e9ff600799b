/** A pool as plain data, to be kept in a file; views of what it holds, not copies. */
export interface StoredStrings {
  /** Texts one after the other. */
  readonly bytes: Uint8Array;
  /** Where each begins, and where the last one ends. */
  readonly starts: Float64Array;
  /** 1 = two bytes a character, 0 = one: no character beyond U+00FF. */
  readonly wide: Uint8Array;
  /** Of each string, made with the seed. */
  readonly hashes: Int32Array;
  readonly seed: Int32Array;
}

/** Bytes that grow; room for 64 KiB to begin with. */
const firstBytes = 1 << 16;

/**
 * Strings as numbers: equal strings (groups, prompts, runs) are kept once. Null is −1. Kept as bytes with a hash table of
 * their own: millions of JavaScript strings would be looked through by every garbage collection.
 */
export class StringPool {
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  #starts = new Float64Array(64);
  #wide = new Uint8Array(64);
  #length = 0;
  /** Index + 1 by hash, 0 = free; a power of two, at most half full. */
  #table = new Int32Array(128);
  #hashes = new Int32Array(64);
  /** Logs are hostile: with a hash known beforehand all strings could be made to meet. */
  readonly #seed: number;

  constructor(seed = (Math.random() * 2 ** 32) | 0) {
    this.#seed = seed;
  }

  get length(): number {
    return this.#length;
  }

  index(text: string | null): number {
    if (text === null) return -1;
    const hash = this.#hash(text);
    const found = this.#find(text, hash);
    return found >= 0 ? found : this.#add(text, hash);
  }

  /** Index of a string that is in the pool; −1 where it is not. */
  find(text: string): number {
    return this.#find(text, this.#hash(text));
  }

  text(index: number): string | null {
    if (index < 0) return null;
    const from = this.#starts[index]!;
    const to = this.#starts[index + 1]!;
    return this.#bytes.toString(this.#wide[index] === 1 ? "utf16le" : "latin1", from, to);
  }

  store(): StoredStrings {
    const n = this.#length;
    const starts = this.#starts.subarray(0, n + 1);
    return {
      bytes: this.#bytes.subarray(0, starts[n]),
      starts,
      wide: this.#wide.subarray(0, n),
      hashes: this.#hashes.subarray(0, n),
      seed: Int32Array.of(this.#seed),
    };
  }

  /** @returns null where the data are no pool */
  static restore({ bytes, starts, wide, hashes, seed }: StoredStrings): StringPool | null {
    const n = wide.length;
    const isOrdered = starts.every((at, i) => i === 0 || at >= starts[i - 1]!);
    if (starts.length !== n + 1 || starts[n] !== bytes.length || !isOrdered || hashes.length !== n)
      return null;
    const pool = new StringPool(seed[0]);
    pool.#bytes = Buffer.from(bytes);
    pool.#starts = new Float64Array(starts);
    pool.#wide = new Uint8Array(wide);
    pool.#hashes = new Int32Array(hashes);
    pool.#length = n;
    pool.#grow();
    return pool;
  }

  /** FNV-1a over UTF-16 units. */
  #hash(text: string): number {
    let hash = this.#seed;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return hash ^ (hash >>> 15);
  }

  #find(text: string, hash: number): number {
    const mask = this.#table.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const index = this.#table[at]! - 1;
      if (index < 0) return -1;
      if (this.#hashes[index] === hash && this.text(index) === text) return index;
    }
  }

  #add(text: string, hash: number): number {
    const index = this.#length;
    if (index + 1 >= this.#starts.length) this.#grow();
    const from = this.#starts[index]!;
    if (from + 2 * text.length > this.#bytes.length) this.#widen(from + 2 * text.length);
    const isWide = !isNarrow(text);
    this.#bytes.write(text, from, isWide ? "utf16le" : "latin1");
    this.#wide[index] = isWide ? 1 : 0;
    this.#starts[index + 1] = from + (isWide ? 2 : 1) * text.length;
    this.#hashes[index] = hash;
    this.#length++;
    this.#place(index);
    return index;
  }

  #place(index: number): void {
    const mask = this.#table.length - 1;
    let at = this.#hashes[index]! & mask;
    while (this.#table[at] !== 0) at = (at + 1) & mask;
    this.#table[at] = index + 1;
  }

  #grow(): void {
    const size = Math.max(64, 2 ** Math.ceil(Math.log2(this.#starts.length + 1)));
    this.#starts = grown(this.#starts, new Float64Array(size));
    this.#wide = grown(this.#wide, new Uint8Array(size));
    this.#hashes = grown(this.#hashes, new Int32Array(size));
    this.#table = new Int32Array(2 * size);
    for (let index = 0; index < this.#length; index++) this.#place(index);
  }

  #widen(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(1.5 * this.#bytes.length)));
    this.#bytes.copy(larger, 0, 0, this.#starts[this.#length]);
    this.#bytes = larger;
  }
}

function grown<T extends Float64Array | Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** No character beyond U+00FF. */
function isNarrow(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
