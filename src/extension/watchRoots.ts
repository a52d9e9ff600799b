import * as vscode from "vscode";
import * as path from "node:path";
import type { Guard } from "./guard.ts";
import type { Session } from "./session.ts";

/** Milliseconds without a change before a root is read again; a log that grows changes all the time. */
const quietMs = 700;

/** Reads a root again when a file in it is written, replaced or removed. Watches only what has been read. */
export function watchRoots(session: Session, guard: Guard): vscode.Disposable {
  const watchers = new Map<string, vscode.Disposable>();
  return vscode.Disposable.from(
    session.onDidOpenRoot((root) => {
      if (watchers.has(root)) return;
      watchers.set(root, vscode.Disposable.from());
      void guard.quiet("watch run", async () => {
        const { watched } = await session.open(root);
        if (watchers.has(root)) watchers.set(root, watch(root, watched, session, guard));
      });
    }),
    session.onDidChangeRoots(() => {
      for (const [root, watcher] of watchers) {
        if (session.roots.includes(root)) continue;
        watcher.dispose();
        watchers.delete(root);
      }
    }),
    new vscode.Disposable(() => vscode.Disposable.from(...watchers.values()).dispose()),
  );
}

/** @param glob files of a folder that are worth following */
function watch(root: string, glob: string, session: Session, guard: Guard): vscode.Disposable {
  const isFile = /\.[a-z0-9]+$/i.test(root);
  const pattern = isFile
    ? new vscode.RelativePattern(vscode.Uri.file(path.dirname(root)), escapeGlob(path.basename(root)))
    : new vscode.RelativePattern(vscode.Uri.file(root), glob);
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let timer: NodeJS.Timeout | undefined;
  let reading = false;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void guard.quiet("read run again", read), quietMs);
  };
  const read = async (): Promise<void> => {
    if (reading) return changed();
    reading = true;
    try {
      await session.reread(root);
    } finally {
      reading = false;
    }
  };
  watcher.onDidChange(changed);
  watcher.onDidCreate(changed);
  watcher.onDidDelete(changed);
  return vscode.Disposable.from(watcher, new vscode.Disposable(() => clearTimeout(timer)));
}

function escapeGlob(name: string): string {
  return name.replace(/[[\]{}*?]/g, "[$&]");
}
