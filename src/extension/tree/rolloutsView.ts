import * as vscode from "vscode";
import type { Reading } from "../../protocol/store.ts";
import type { Guard } from "../guard.ts";
import { rolloutsView, settings } from "../names.ts";
import { type Session, setting } from "../session.ts";
import type { Traces } from "../trace/traces.ts";
import { isTrace } from "../trace/traceUri.ts";
import type { Node } from "./nodes.ts";
import type { RolloutsTree } from "./rolloutsTree.ts";

/** The view, for those who have a row to show. */
export interface RolloutsView extends vscode.Disposable {
  readonly reveal: (node: Node, options: Parameters<vscode.TreeView<Node>["reveal"]>[1]) => Thenable<void>;
}

/** The tree in its place: badge, filter message, and the active trace's rollout selected. */
export function registerRolloutsView(
  session: Session,
  traces: Traces,
  tree: RolloutsTree,
  guard: Guard,
): RolloutsView {
  const view = vscode.window.createTreeView<Node>(rolloutsView, {
    treeDataProvider: tree,
    showCollapseAll: true,
  });
  const describe = async (): Promise<void> => {
    const { filter, sort, descending } = session.view;
    view.description = [filter === "" ? "" : `filter: ${filter}`, session.following ? "following" : ""]
      .filter((part) => part !== "")
      .join(" · ");
    const opened = await Promise.all(session.roots.map((root) => session.known(root)));
    view.message = [
      sort === "log" ? "" : `Sorted by ${sort}, ${descending ? "descending" : "ascending"}.`,
      ...opened.map((root) => (root?.reading ? readingInWords(root.reading) : "")),
    ]
      .filter((part) => part !== "")
      .join(" ");
  };
  const describeNow = (): void => void guard.quiet("view message", describe);
  const follow = async (): Promise<void> => {
    const document = vscode.window.activeTextEditor?.document;
    if (
      document === undefined ||
      !isTrace(document) ||
      !view.visible ||
      !setting(settings.followEditor, true)
    )
      return;
    const node = await tree.find((await traces.view(document.uri)).ref);
    if (node !== undefined && view.visible) await view.reveal(node, { select: true, focus: false });
  };
  const badge = async (): Promise<void> => {
    const { silent, damaged } = await tree.counts();
    const words = [
      silent > 0 ? `${silent} ${silent === 1 ? "group" : "groups"} without signal` : "",
      damaged > 0 ? `${damaged} ${damaged === 1 ? "problem" : "problems"} in the logs` : "",
    ].filter((part) => part !== "");
    view.badge = words.length === 0 ? undefined : { value: silent + damaged, tooltip: words.join(", ") };
  };
  describeNow();
  const subscriptions = vscode.Disposable.from(
    view,
    session.onDidChangeView(describeNow),
    session.onDidChangeRoots(describeNow),
    tree.onDidCount(() => void guard.quiet("badge", badge)),
    view.onDidChangeVisibility(() => void guard.quiet("reveal", follow)),
    vscode.window.onDidChangeActiveTextEditor(() => void guard.quiet("reveal", follow)),
  );
  return {
    reveal: (node, options) => view.reveal(node, options),
    dispose: () => subscriptions.dispose(),
  };
}

function readingInWords({ done, total, file }: Reading): string {
  const name = file.replace(/^.*[\\/]/, "");
  const share =
    Number.isNaN(total) || total === 0 ? "" : ` ${Math.min(99, Math.floor((100 * done) / total))} %`;
  return `Reading ${name}:${share} so far; more rollouts follow.`;
}
