import * as vscode from "vscode";
import type { TraceView, TrajectoryRef } from "../protocol/store.ts";
import { UserError } from "../protocol/userError.ts";
import type { Traces } from "./trace/traces.ts";
import { isTrace, traceTitle, traceUri } from "./trace/traceUri.ts";

/** The trace editor a command acts on. @throws UserError when there is none. */
export function activeTrace(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !isTrace(editor.document)) {
    throw new UserError("trace/none", "Open a rollout first, from the Rollouts view.");
  }
  return editor;
}

/** Moves the cursor to the next (or the previous) step and shows it. */
export async function goToStep(traces: Traces, direction: "next" | "previous"): Promise<void> {
  const editor = activeTrace();
  const { steps } = await traces.view(editor.document.uri);
  const starts = Array.from(
    { length: steps.length / 4 },
    (_, k) => new vscode.Position(steps[4 * k]!, steps[4 * k + 1]!),
  );
  const here = editor.selection.active;
  const target =
    direction === "next"
      ? starts.find((start) => start.isAfter(here))
      : starts.findLast((start) => start.isBefore(here));
  if (target === undefined) return;
  editor.selection = new vscode.Selection(target, target);
  editor.revealRange(new vscode.Range(target, target), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Opens a rollout's trace. */
export async function showTrace(
  ref: TrajectoryRef,
  of: { readonly trainStep: number | null; readonly group: string | null; readonly index: number },
  options: vscode.TextDocumentShowOptions = {},
): Promise<void> {
  await vscode.window.showTextDocument(traceUri(ref, traceTitle(of)), options);
}

/** Opens the log at the rollout's raw line. `vscode.open` also shows files that are too large for extensions. */
export async function revealInLog(view: Pick<TraceView, "ref" | "line">): Promise<void> {
  const at = new vscode.Position(Math.max(0, view.line - 1), 0);
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(view.ref.file), {
    selection: new vscode.Range(at, at),
    preview: true,
  });
}
