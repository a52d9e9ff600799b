import { once } from "node:events";
import type { Writable } from "node:stream";

/** Standard output for results and nothing else, standard error for what is said about them. Waits for slow readers. */
export class Output {
  readonly #to: Writable;

  constructor(to: Writable = process.stdout) {
    this.#to = to;
  }

  async line(text: string): Promise<void> {
    if (!this.#to.write(`${text}\n`)) await once(this.#to, "drain");
  }

  json(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value));
  }

  /** Rows as aligned columns, the first one as head. */
  async table(rows: readonly (readonly string[])[]): Promise<void> {
    const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
    for (const row of rows) {
      await this.line(
        row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join("  "),
      );
    }
  }

  complain(message: string): void {
    process.stderr.write(`rewardlens: ${message}\n`);
  }
}
