import * as vscode from "vscode";
import type { Guard } from "../guard.ts";
import { settings } from "../names.ts";
import { type Session, setting } from "../session.ts";
import { isTrace, trajectoryOf } from "../trace/traceUri.ts";
import type { CurvesPanel } from "./curvesPanel.ts";

/**
 * Where the setting wants it, the curves stand beside the first trace that is shown of a run with curves; once a
 * window, so that a panel that was closed stays closed.
 */
export function openCurvesWithRun(session: Session, curves: CurvesPanel, guard: Guard): vscode.Disposable {
  let isDone = false;
  const follow = async (editor: vscode.TextEditor | undefined): Promise<void> => {
    if (isDone || editor === undefined || !isTrace(editor.document)) return;
    if (!setting(settings.curvesOpenWithRun, false)) return;
    const { root } = trajectoryOf(editor.document.uri);
    if ((await session.store.curves(root)).series.length === 0 || isDone) return;
    isDone = true;
    await curves.showBeside();
  };
  const tell = (editor: vscode.TextEditor | undefined): void =>
    void guard.quiet("curves with the run", () => follow(editor));
  tell(vscode.window.activeTextEditor);
  return vscode.window.onDidChangeActiveTextEditor(tell);
}
