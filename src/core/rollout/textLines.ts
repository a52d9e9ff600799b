/**
 * Lines of a text as an editor counts them: broken at \n, \r\n and \r. Maps offsets to (line, column), which
 * stays right when the editor normalises line ends.
 */
export class TextLines {
  readonly #starts: number[] = [0];
  readonly #ends: number[] = [];

  constructor(text: string) {
    const breaks = /\r\n|\r|\n/g;
    for (let match = breaks.exec(text); match !== null; match = breaks.exec(text)) {
      this.#ends.push(match.index);
      this.#starts.push(match.index + match[0].length);
    }
    this.#ends.push(text.length);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Writes line and column of `offset` to out[at] and out[at + 1]; an offset inside \r\n is its line's end. */
  locate(offset: number, out: Int32Array, at: number): void {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    out[at] = low;
    out[at + 1] = Math.min(offset, this.#ends[low]!) - this.#starts[low]!;
  }
}
