/** Strings as numbers: equal strings (groups, prompts, runs) are kept once. Null is −1. */
export class StringPool {
  readonly #indices = new Map<string, number>();
  readonly #strings: string[] = [];

  get strings(): readonly string[] {
    return this.#strings;
  }

  index(text: string | null): number {
    if (text === null) return -1;
    return this.#indices.get(text) ?? this.#add(text);
  }

  /** The same for a piece of a longer text, which would otherwise keep all of that in memory. */
  indexOfPiece(text: string): number {
    return this.#indices.get(text) ?? this.#add(Buffer.from(text, "utf16le").toString("utf16le"));
  }

  /** Index of a string that is in the pool. */
  find(text: string): number | undefined {
    return this.#indices.get(text);
  }

  text(index: number): string | null {
    return index < 0 ? null : this.#strings[index]!;
  }

  #add(text: string): number {
    const index = this.#strings.length;
    this.#strings.push(text);
    this.#indices.set(text, index);
    return index;
  }
}
