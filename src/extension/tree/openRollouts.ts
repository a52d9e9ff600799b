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

/** Logs of the workspace that are offered; more would be a list nobody reads. */
const mostOffered = 200;

interface Choice extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
  readonly dialog?: "file" | "folder";
}

async function ask(): Promise<vscode.Uri | undefined> {
  const logs = await vscode.workspace.findFiles("**/*.{jsonl,ndjson}", "**/node_modules/**", mostOffered);
  const folders = vscode.workspace.workspaceFolders ?? [];
  const items: Choice[] = [
    { label: "$(file) Log file…", dialog: "file" },
    { label: "$(folder) Folder of a run…", dialog: "folder" },
    { label: "In this workspace", kind: vscode.QuickPickItemKind.Separator },
    ...folders.map(({ name, uri }) => ({
      label: `$(root-folder) ${name}`,
      description: "all logs in it as one run",
      uri,
    })),
    ...logs.map((uri) => ({ label: `$(file) ${vscode.workspace.asRelativePath(uri, false)}`, uri })),
  ];
  const title = "Open Rollouts";
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: "A log file, or the folder of a run",
  });
  if (picked?.uri !== undefined || picked === undefined) return picked?.uri;
  const isFolder = picked.dialog === "folder";
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: !isFolder,
      canSelectFolders: isFolder,
      canSelectMany: false,
      openLabel: title,
      ...(isFolder ? {} : { filters: { "Rollout logs": ["jsonl", "ndjson", "json"], "All files": ["*"] } }),
    })) ?? [];
  return chosen;
}
