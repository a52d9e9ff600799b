import type { Trajectory } from "../rollout/trajectory.ts";

/** A hash of 53 bits over token ids, fed piece by piece: an integer that a float64 holds. */
export class TokenHash {
  #a = 0x811c9dc5;
  #b = 0x2545f491;

  add(ids: Int32Array, from = 0, to = ids.length): this {
    let a = this.#a;
    let b = this.#b;
    for (let t = from; t < to; t++) {
      const id = ids[t]!;
      a = Math.imul(a ^ id, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul(b + id, 0x9e3779b1);
      b ^= b >>> 13;
    }
    this.#a = a;
    this.#b = b;
    return this;
  }

  get value(): number {
    return (this.#a & 0x1fffff) * 2 ** 32 + (this.#b >>> 0);
  }
}

/**
 * The same number for trajectories whose tokens are the same, however they are cut into turns; null where the ids of
 * some tokens are missing, or there are no tokens. Two logs of one rollout are joined by it (`joinTokens`).
 */
export function tokenKey({ turns }: Trajectory): number | null {
  const hash = new TokenHash();
  let n = 0;
  for (const { tokens } of turns) {
    if (tokens === null) continue;
    if (tokens.ids === null) return null;
    hash.add(tokens.ids);
    n += tokens.n;
  }
  return n === 0 ? null : hash.value;
}
