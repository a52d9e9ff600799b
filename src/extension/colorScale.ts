import type * as vscode from "vscode";
import type { AvailableCreditView, CreditRequest } from "../protocol/store.ts";

/**
 * One colour scale for a run and a method, whatever its parameters: two traces side by side mean the same, and so does
 * one while its parameters are tried out. It comes from the first train step whose credit is shown, is stored, and
 * changes only by command.
 */
export class ColorScales {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  /** |credit| that has full strength; NaN when nothing has credit. */
  scaleOf(run: string, request: CreditRequest, view: AvailableCreditView): number {
    const stored = this.#memento.get<number>(keyOf(run, request));
    if (stored !== undefined) return stored;
    if (view.scale > 0) void this.#memento.update(keyOf(run, request), view.scale);
    return view.scale;
  }

  async forget(run: string, request: CreditRequest): Promise<void> {
    await this.#memento.update(keyOf(run, request), undefined);
  }
}

function keyOf(run: string, request: CreditRequest): string {
  return `scale:${run}:${request.method}:${request.lane ?? "credit"}`;
}
