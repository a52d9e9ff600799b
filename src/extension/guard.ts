import * as vscode from "vscode";
import { UserError } from "../protocol/userError.ts";

/** Where failures go: the log always, the person where it was their own action. */
export class Guard {
  readonly #log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** For a command: an expected failure is shown as it is, a bug with the way to the log; never a modal. */
  action<A extends readonly unknown[]>(
    name: string,
    fn: (...args: A) => unknown,
  ): (...args: A) => Promise<void> {
    return async (...args) => {
      try {
        await fn(...args);
      } catch (error) {
        if (isCancelled(error)) return;
        void this.#show(name, error);
      }
    };
  }

  /** For a provider or an event: fails to the log alone. */
  async quiet<T>(name: string, fn: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await fn();
    } catch (error) {
      if (!isCancelled(error)) this.#log.error(`${name}: ${describe(error)}`);
      return undefined;
    }
  }

  async #show(name: string, error: unknown): Promise<void> {
    if (error instanceof UserError) {
      this.#log.warn(`${name}: ${error.message}`);
      await vscode.window.showErrorMessage(`RewardLens: ${error.message}`);
      return;
    }
    this.#log.error(`${name}: ${describe(error)}`);
    const show = "Show Log";
    const choice = await vscode.window.showErrorMessage(`RewardLens: "${name}" failed.`, show);
    if (choice === show) this.#log.show();
  }
}

function isCancelled(error: unknown): boolean {
  return (
    error instanceof vscode.CancellationError || (error instanceof UserError && error.code === "cancelled")
  );
}

function describe(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
