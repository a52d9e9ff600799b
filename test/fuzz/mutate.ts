/** A small generator of numbers that gives the same ones for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** What a hostile or confused writer may put where a value is expected. */
const hostile = [
  "null",
  "NaN",
  "-Infinity",
  "1e999",
  "-0",
  "9007199254740993",
  "123456789012345678901234567890",
  "true",
  '""',
  '"\\ud800"',
  '"</script><img src=x onerror=alert(1)>"',
  '"[x](command:workbench.action.quit)"',
  '"../../../../etc/passwd"',
  "[]",
  "{}",
  "[[]]",
  '[null,1,"a",{}]',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"length":4294967295}',
  "[-1,1e9,2147483648]",
  `${"[".repeat(3000)}${"]".repeat(3000)}`,
  `"${"x".repeat(5000)}"`,
];

const names = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "length",
  "id",
  "role",
  "tokens",
  "steps",
  "",
];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const encoder = new TextEncoder();

function splice(bytes: Uint8Array, from: number, to: number, middle: Uint8Array): Uint8Array {
  const out = new Uint8Array(from + middle.length + bytes.length - to);
  out.set(bytes.subarray(0, from));
  out.set(middle, from);
  out.set(bytes.subarray(to), from + middle.length);
  return out;
}

/** A piece of a text that a pattern finds, replaced. */
function replaced(bytes: Uint8Array, random: Random, pattern: RegExp, by: string): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return bytes;
  const match = random.pick(found);
  return splice(bytes, match.index, match.index + match[0].length, encoder.encode(by));
}

const mutations: readonly Mutation[] = [
  // Cut anywhere, as by a full disk or a writer that is still at it.
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  // The beginning is gone, as after a rotation.
  (bytes, random) => bytes.slice(random.below(bytes.length + 1)),
  (bytes, random) => {
    const out = bytes.slice();
    for (let k = random.below(8); k >= 0 && out.length > 0; k--)
      out[random.below(out.length)] = random.below(256);
    return out;
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const noise = Uint8Array.from({ length: random.below(64) }, () => random.below(256));
    return splice(bytes, at, at, noise);
  },
  (bytes, random) => {
    const from = random.below(bytes.length + 1);
    return splice(bytes, from, Math.min(bytes.length, from + random.below(200)), new Uint8Array(0));
  },
  // A piece stands twice, as after a write that was tried again.
  (bytes, random) => {
    const from = random.below(bytes.length + 1);
    const piece = bytes.slice(from, from + random.below(2000));
    return splice(bytes, from, from, piece);
  },
  (bytes, random) =>
    replaced(bytes, random, /-?\d+(?:\.\d+)?(?:e-?\d+)?|true|false|null/g, random.pick(hostile)),
  (bytes, random) => replaced(bytes, random, /"(?:[^"\\]|\\.)*"(?!\s*:)/g, random.pick(hostile)),
  (bytes, random) =>
    replaced(bytes, random, /"(?:[^"\\]|\\.)*"(?=\s*:)/g, JSON.stringify(random.pick(names))),
  (bytes, random) => replaced(bytes, random, /[[\]{}:,]/g, random.pick(["[", "]", "{", "}", ":", ",", ""])),
  // Lengths and counts of binary formats.
  (bytes, random) => {
    const out = bytes.slice();
    if (out.length < 8) return out;
    const at = random.below(out.length - 8);
    const value = random.pick([0, 0xff, 0x7f, 0x80]);
    out.fill(value, at, at + random.pick([1, 2, 4, 8]));
    return out;
  },
];

/** The bytes, damaged in one to four ways. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let out = bytes;
  for (let n = 1 + random.below(4); n > 0; n--) out = random.pick(mutations)(out, random);
  return out;
}
