export interface MemoryTerms {
  /** Items that are remembered. */
  readonly capacity: number;
  /** Nearest items that are asked. */
  readonly neighbours: number;
  /** Items after which an error weighs half. */
  readonly halfLife: number;
}

interface Remembered {
  readonly features: readonly number[];
  readonly error: number;
  /** Number of the item, from 0. */
  readonly at: number;
}

/** What the nearest items say of a prediction. */
export interface LocalBias {
  /** Recency-weighted mean of outcome − prediction; NaN where nothing is remembered. */
  readonly bias: number;
  readonly neighbours: number;
  /** Cosine similarity of the farthest of them. */
  readonly similarity: number;
}

/**
 * A memory of recent errors (ReLoop2): the bias of a prediction is the mean error of the items nearest by the cosine of
 * their features, newer ones weighing more. Exact where the paper hashes.
 */
export class ErrorMemory {
  readonly #terms: MemoryTerms;
  readonly #items: Remembered[] = [];
  #count = 0;

  constructor(terms: MemoryTerms) {
    this.#terms = terms;
  }

  biasAt(features: readonly number[]): LocalBias {
    const near = this.#items
      .filter((item) => item.features.length === features.length)
      .map((item) => ({ ...item, similarity: cosine(item.features, features) }))
      .filter(({ similarity }) => !Number.isNaN(similarity))
      .toSorted((a, b) => b.similarity - a.similarity || b.at - a.at)
      .slice(0, this.#terms.neighbours);
    let [sum, total] = [0, 0];
    for (const { at, error } of near) {
      const weight = 0.5 ** ((this.#count - at) / this.#terms.halfLife);
      sum += weight * error;
      total += weight;
    }
    return { bias: sum / total, neighbours: near.length, similarity: near.at(-1)?.similarity ?? NaN };
  }

  /** @param error outcome − prediction */
  add(features: readonly number[], error: number): void {
    this.#items.push({ features, error, at: this.#count++ });
    if (this.#items.length > this.#terms.capacity) this.#items.shift();
  }
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    ab += x * b[i]!;
    aa += x * x;
    bb += b[i]! * b[i]!;
  });
  return ab / Math.sqrt(aa * bb);
}
