import { createHash } from "node:crypto";
import type { ByteSource } from "../core/format/format.ts";

/** Tells whether the first bytes of a file are what they were, by a sample of them. */
export interface Fingerprint {
  /** Bytes it speaks of. */
  readonly size: number;
  /** Of the first and the last bytes among them. */
  readonly hash: string;
}

/**
 * Bytes that are looked at at either end: all of a log that a person may have edited, and enough of a large one that a
 * trainer has begun again.
 */
const sample = 1 << 21;

export async function fingerprintOf(source: ByteSource, size: number): Promise<Fingerprint> {
  const hash = createHash("sha256");
  hash.update(await source.read(0, Math.min(sample, size)));
  hash.update(await source.read(Math.max(0, size - sample), size));
  return { size, hash: hash.digest("hex") };
}

/** True while the file begins with what the fingerprint was taken of. */
export async function fits(source: ByteSource, { size, hash }: Fingerprint): Promise<boolean> {
  return source.size >= size && (await fingerprintOf(source, size)).hash === hash;
}
