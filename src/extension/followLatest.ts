import * as vscode from "vscode";
import type { Guard } from "./guard.ts";
import { contextKeys } from "./names.ts";
import { showTrace } from "./navigate.ts";
import type { Session } from "./session.ts";
import { isTrace } from "./trace/traceUri.ts";

/**
 * Follow mode: when a run has new rollouts the latest one is shown, where a trace is shown already and without taking
 * the focus. A rollout that was shown once is not shown again, so that who opens another one can read it in peace until
 * the next comes.
 */
export function followLatest(session: Session, guard: Guard): vscode.Disposable {
  void guard.quiet("follow", () =>
    vscode.commands.executeCommand("setContext", contextKeys.following, session.following),
  );
  const shown = new Map<string, string>();
  return session.onDidFollow((root) => {
    void guard.quiet("follow", async () => {
      const ref = await session.store.latest(root);
      const name = `${ref?.file}\n${ref?.id}`;
      if (ref === null || shown.get(root) === name) return;
      shown.set(root, name);
      const { batch, name: group, row } = await session.store.locate(ref);
      const beside = vscode.window.visibleTextEditors.find(({ document }) => isTrace(document))?.viewColumn;
      const of = { trainStep: batch.trainStep, group, index: row.index };
      await showTrace(ref, of, {
        preserveFocus: true,
        ...(beside === undefined ? {} : { viewColumn: beside }),
      });
    });
  });
}
