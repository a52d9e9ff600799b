import * as vscode from "vscode";
import { UserError } from "../../protocol/userError.ts";
import { commands, rolloutsView } from "../names.ts";
import { logEndings } from "./logNames.ts";
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
  await readWithProgress(session, target);
  const { runs } = await session.open(target.fsPath);
  // A file or folder of curves alone has nothing to show in the view.
  if (runs.length === 0 && (await session.store.curves(target.fsPath)).series.length > 0)
    await vscode.commands.executeCommand(commands.showCurves, target.fsPath);
  else await vscode.commands.executeCommand(`${rolloutsView}.focus`);
}

/** Milliseconds after which reading is no matter of a blink any more and shows itself. */
const patienceMs = 600;

async function readWithProgress(session: Session, target: vscode.Uri): Promise<void> {
  const controller = new AbortController();
  const reading = session.add(target.fsPath, controller.signal);
  const isQuick = await Promise.race([
    reading.then(() => true),
    new Promise<false>((resolve) => setTimeout(resolve, patienceMs, false)),
  ]);
  if (isQuick) return;
  const title = `Reading ${vscode.workspace.asRelativePath(target)}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, async (progress, cancelled) => {
    cancelled.onCancellationRequested(() => controller.abort());
    const told = session.on("progress", ({ root, done, total, message }) => {
      if (root === target.fsPath)
        progress.report({ message: total > 1 ? `${done} of ${total}: ${message}` : message });
    });
    await reading.then(
      () => told.dispose(),
      (error: unknown) => {
        told.dispose();
        throw error;
      },
    );
  });
}

function activeLog(): vscode.Uri | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  // A JSON file that is open is mostly something else.
  const isLog = (path: string): boolean =>
    logEndings.some((ending) => ending !== ".json" && path.toLowerCase().endsWith(ending));
  return uri?.scheme === "file" && isLog(uri.path) ? uri : undefined;
}

/** Logs of the workspace that are offered; more would be a list nobody reads. */
const mostOffered = 200;

interface Choice extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
  readonly dialog?: "file" | "folder";
}

async function ask(): Promise<vscode.Uri | undefined> {
  const title = "Open Rollouts";
  // Looking for logs takes a moment in a large workspace: the list is there at once and says that it is busy.
  const picked = await vscode.window.showQuickPick(offered(), {
    title,
    placeHolder: "A log file, or the folder of a run",
    matchOnDescription: true,
  });
  if (picked?.uri !== undefined || picked === undefined) return picked?.uri;
  const isFolder = picked.dialog === "folder";
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: !isFolder,
      canSelectFolders: isFolder,
      canSelectMany: false,
      openLabel: title,
      ...(isFolder
        ? {}
        : { filters: { "Rollout logs": logEndings.map((ending) => ending.slice(1)), "All files": ["*"] } }),
    })) ?? [];
  return chosen;
}

/** Dialogs, the workspace's folders, and the logs in it. */
async function offered(): Promise<Choice[]> {
  const plain = logEndings.filter((ending) => ending !== ".json").map((ending) => ending.slice(1));
  const logs = await vscode.workspace.findFiles(
    `**/*.{${plain.join(",")}}`,
    "**/node_modules/**",
    mostOffered,
  );
  const folders = vscode.workspace.workspaceFolders ?? [];
  return [
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
}
