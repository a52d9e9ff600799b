import * as vscode from "vscode";
import { UserError } from "../../protocol/userError.ts";
import { rolloutsView } from "../names.ts";
import type { Session } from "../session.ts";

/**
 * "Open Rollouts": a file or folder given by a menu, else the active editor's log, else what the person picks.
 * Reading shows progress and can be cancelled; the view is focused when it is done.
 */
export async function openRollouts(session: Session, uri?: vscode.Uri): Promise<void> {
  const target = uri ?? activeLog() ?? (await ask());
  if (target === undefined) return;
  if (target.scheme !== "file") {
    throw new UserError(
      "open/virtual",
      `${target.toString()} is not on the disk of the machine RewardLens runs on. Copy the log there and open the copy.`,
    );
  }
  const title = `Reading ${vscode.workspace.asRelativePath(target)}`;
  const progress = { location: vscode.ProgressLocation.Window, title };
  await vscode.window.withProgress(progress, () => session.add(target.fsPath));
  await vscode.commands.executeCommand(`${rolloutsView}.focus`);
}

function activeLog(): vscode.Uri | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === "file" && /\.(jsonl|ndjson)$/i.test(uri.path) ? uri : undefined;
}

async function ask(): Promise<vscode.Uri | undefined> {
  const file = { label: "$(file) Log File…", folder: false };
  const folder = { label: "$(folder) Folder of a Run…", folder: true };
  const picked = await vscode.window.showQuickPick([file, folder], { title: "Open Rollouts" });
  if (picked === undefined) return undefined;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: !picked.folder,
      canSelectFolders: picked.folder,
      canSelectMany: false,
      openLabel: "Open Rollouts",
      ...(picked.folder
        ? {}
        : { filters: { "Rollout logs": ["jsonl", "ndjson", "json"], "All files": ["*"] } }),
    })) ?? [];
  return chosen;
}
