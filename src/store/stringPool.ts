/** Strings as numbers: equal strings (groups, prompts, runs) are kept once. Null is −1. */
export class StringPool {
  readonly #indices = new Map<string, number>();
  readonly #strings: string[] = [];

  index(text: string | null): number {
    if (text === null) return -1;
    let index = this.#indices.get(text);
    if (index === undefined) {
      index = this.#strings.length;
      // A slice of a long line would keep the whole line in memory.
      const own = Buffer.from(text, "utf16le").toString("utf16le");
      this.#strings.push(own);
      this.#indices.set(own, index);
    }
    return index;
  }

  text(index: number): string | null {
    return index < 0 ? null : this.#strings[index]!;
  }
}
