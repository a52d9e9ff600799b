import * as vscode from "vscode";
import type { TraceStep } from "../../protocol/webview.ts";
import type { Guard } from "../guard.ts";
import type { Traces } from "../trace/traces.ts";
import { isTrace } from "../trace/traceUri.ts";

/**
 * The train step of the trace that was shown last. It stays while the curves have the focus, and goes when the trace
 * is closed.
 */
export class ShownTraceStep implements vscode.Disposable {
  readonly #traces: Traces;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable;
  #uri: string | null = null;
  #shown: TraceStep | null = null;

  constructor(traces: Traces, guard: Guard) {
    this.#traces = traces;
    const follow = (editor: vscode.TextEditor | undefined): void => {
      if (editor !== undefined && isTrace(editor.document))
        void guard.quiet("step of the trace", () => this.#show(editor.document.uri));
    };
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      vscode.window.onDidChangeActiveTextEditor(follow),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.toString() === this.#uri) this.#set(null, null);
      }),
    );
    follow(
      vscode.window.activeTextEditor ??
        vscode.window.visibleTextEditors.find(({ document }) => isTrace(document)),
    );
  }

  readonly onDidChange = this.#changed.event;

  get shown(): TraceStep | null {
    return this.#shown;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #show(uri: vscode.Uri): Promise<void> {
    const name = uri.toString();
    this.#uri = name;
    const { batch } = await this.#traces.view(uri);
    if (this.#uri !== name) return;
    this.#set(name, batch.trainStep === null ? null : { step: batch.trainStep, run: batch.run });
  }

  #set(uri: string | null, shown: TraceStep | null): void {
    this.#uri = uri;
    this.#shown = shown;
    this.#changed.fire();
  }
}
