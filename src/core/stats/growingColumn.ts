/** A typed column that grows: memory of one number a row, where a JavaScript array of numbers may box them. */
export class GrowingColumn {
  #values: Float64Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#values = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  /** A copy of what was pushed, no longer than that. */
  take(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}
