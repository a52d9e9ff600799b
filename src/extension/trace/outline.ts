import * as vscode from "vscode";
import type { TraceView } from "../../protocol/store.ts";
import { formatSigned } from "../../core/stats/formatNumber.ts";
import type { Guard } from "../guard.ts";
import { traceScheme } from "../names.ts";
import type { LitTrace, Traces } from "./traces.ts";

/** Turns and their steps: the outline, breadcrumbs and sticky scroll. */
class TraceOutline implements vscode.DocumentSymbolProvider {
  readonly #traces: Traces;
  readonly #guard: Guard;

  constructor(traces: Traces, guard: Guard) {
    this.#traces = traces;
    this.#guard = guard;
  }

  provideDocumentSymbols(document: vscode.TextDocument): Promise<vscode.DocumentSymbol[] | undefined> {
    return this.#guard.quiet("outline", async () => {
      const trace = await this.#traces.lit(document.uri);
      if (document.lineCount < trace.view.lineCount) return [];
      return trace.view.turns.map((_, i) => turnSymbol(document, trace, i));
    });
  }
}

function turnSymbol(document: vscode.TextDocument, trace: LitTrace, i: number): vscode.DocumentSymbol {
  const { turns, steps } = trace.view;
  const turn = turns[i]!;
  const lastLine = lastLineOf(trace.view, i);
  const header = document.lineAt(turn.headerLine).range;
  const name = document.lineAt(turn.headerLine).text.replace(/^── /, "");
  const range = header.union(document.lineAt(lastLine).range);
  const symbol = new vscode.DocumentSymbol(name, "", vscode.SymbolKind.Namespace, range, header);
  const { credit } = trace;
  for (let k = turn.stepFrom; k < turn.stepTo; k++) {
    const span = new vscode.Range(steps[4 * k]!, steps[4 * k + 1]!, steps[4 * k + 2]!, steps[4 * k + 3]!);
    const text = document.lineAt(span.start.line).text.slice(span.start.character).slice(0, 80);
    const value = credit.status === "ok" ? credit.steps[k]! : NaN;
    const detail = Number.isNaN(value) ? "" : formatSigned(value);
    const title = `${k - turn.stepFrom + 1} ${text}`.trim();
    symbol.children.push(new vscode.DocumentSymbol(title, detail, vscode.SymbolKind.String, span, span));
  }
  return symbol;
}

function lastLineOf(view: TraceView, i: number): number {
  const next = view.turns[i + 1];
  const turn = view.turns[i]!;
  return Math.max(turn.headerLine, next === undefined ? turn.contentTo - 1 : next.headerLine - 2);
}

/** Folds the head, turns, steps of several lines and the other fields at the end. */
class TraceFolding implements vscode.FoldingRangeProvider {
  readonly #traces: Traces;
  readonly #guard: Guard;

  constructor(traces: Traces, guard: Guard) {
    this.#traces = traces;
    this.#guard = guard;
  }

  provideFoldingRanges(document: vscode.TextDocument): Promise<vscode.FoldingRange[] | undefined> {
    return this.#guard.quiet("folding", async () => {
      const view = await this.#traces.view(document.uri);
      const ranges: vscode.FoldingRange[] = [];
      view.turns.forEach((turn, i) =>
        ranges.push(new vscode.FoldingRange(turn.headerLine, lastLineOf(view, i))),
      );
      for (let k = 0; k < view.steps.length; k += 4) {
        const from = view.steps[k]!;
        const to = view.steps[k + 2]!;
        if (to > from) ranges.push(new vscode.FoldingRange(from, to));
      }
      const last = view.turns.at(-1);
      if (last !== undefined && view.lineCount - 2 > last.contentTo + 1) {
        ranges.push(
          new vscode.FoldingRange(last.contentTo + 1, view.lineCount - 2, vscode.FoldingRangeKind.Region),
        );
      }
      return ranges;
    });
  }
}

export function registerOutline(traces: Traces, guard: Guard): vscode.Disposable {
  const selector = { scheme: traceScheme };
  return vscode.Disposable.from(
    vscode.languages.registerDocumentSymbolProvider(selector, new TraceOutline(traces, guard)),
    vscode.languages.registerFoldingRangeProvider(selector, new TraceFolding(traces, guard)),
  );
}
