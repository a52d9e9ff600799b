import * as vscode from "vscode";
import type { Guard } from "../guard.ts";
import { isNative, type LazySchema, longestLine, nativeFiles, saysNative } from "./nativeLines.ts";

/** Milliseconds without a change before lines are checked. */
const quietMs = 400;
/** Lines above and below what is visible that are checked too. */
const margin = 100;

/**
 * Problems of native logs that are written or looked at by hand: lines around what is visible are held against the schema.
 * A long log is never checked whole here; the command line's `info` does that.
 */
class SchemaDiagnostics implements vscode.Disposable {
  readonly #schema: LazySchema;
  readonly #guard: Guard;
  readonly #problems = vscode.languages.createDiagnosticCollection("rewardLens");
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #subscriptions: vscode.Disposable;

  constructor(schema: LazySchema, guard: Guard) {
    this.#schema = schema;
    this.#guard = guard;
    this.#subscriptions = vscode.Disposable.from(
      this.#problems,
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((one) => this.#later(one))),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.#later(textEditor)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        for (const editor of vscode.window.visibleTextEditors)
          if (editor.document === document) this.#later(editor);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#problems.delete(uri)),
    );
    for (const editor of vscode.window.visibleTextEditors) this.#later(editor);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#subscriptions.dispose();
  }

  #later(editor: vscode.TextEditor): void {
    const { document } = editor;
    if (vscode.languages.match(nativeFiles, document) === 0 || document.lineCount === 0) return;
    const name = document.uri.toString();
    clearTimeout(this.#timers.get(name));
    const check = (): void => void this.#guard.quiet("validation", () => this.#check(editor));
    this.#timers.set(name, setTimeout(check, quietMs));
  }

  async #check({ document, visibleRanges }: vscode.TextEditor): Promise<void> {
    this.#timers.delete(document.uri.toString());
    const [first] = visibleRanges;
    const from = Math.max(0, (first?.start.line ?? 0) - margin);
    const to = Math.min(document.lineCount, (visibleRanges.at(-1)?.end.line ?? 0) + margin);
    const native = Array.from({ length: to - from }, (_, k) => from + k).filter((line) => {
      const { text } = document.lineAt(line);
      return text.trim() !== "" && text.length <= longestLine && isNative(document, line);
    });
    // A file that nowhere says what it is may be anything.
    if (!native.some((line) => saysNative(document.lineAt(line).text))) {
      this.#problems.delete(document.uri);
      return;
    }
    const { version } = document;
    const service = await this.#schema.service();
    const found: vscode.Diagnostic[] = [];
    for (const line of native) {
      for (const problem of await service.validate(document.lineAt(line).text)) {
        const range = new vscode.Range(line, problem.from, line, Math.max(problem.to, problem.from + 1));
        const diagnostic = new vscode.Diagnostic(range, problem.message, vscode.DiagnosticSeverity.Warning);
        diagnostic.source = "rewardlens/1";
        found.push(diagnostic);
      }
      if (document.version !== version) return;
    }
    this.#problems.set(document.uri, found);
  }
}

export function registerSchemaDiagnostics(schema: LazySchema, guard: Guard): vscode.Disposable {
  return new SchemaDiagnostics(schema, guard);
}
