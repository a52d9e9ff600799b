import { once } from "node:events";
import type { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { UserError } from "../protocol/userError.ts";
import { FileError } from "../store/fileSource.ts";
import { UsageError } from "./arguments.ts";

/** Standard output for results and nothing else, standard error for what is said about them. Waits for slow readers. */
export class Output {
  readonly #to: Writable;

  constructor(to: Writable = process.stdout) {
    this.#to = to;
  }

  async line(text: string): Promise<void> {
    const to = this.#to;
    const goesOn = to.write(`${text}\n`);
    if (to.errored !== null) {
      // A stream that has failed never drains. Standard output's own handler comes first.
      await setImmediate();
      throw to.errored;
    }
    if (!goesOn) await once(to, "drain");
  }

  async lines(texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.line(text);
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

  /** An expected error in one line, a file's as `FILE:0: …`. @throws what is no expected error */
  complainOf(error: unknown): void {
    if (error instanceof FileError) this.complain(`${error.path}:0: ${error.what}`);
    else if (error instanceof UserError || error instanceof UsageError) this.complain(error.message);
    else throw error;
  }
}
