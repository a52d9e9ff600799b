import * as vscode from "vscode";
import type { OpenedRoot, Page, RowQuery, TrajectoryRef } from "../../protocol/store.ts";
import { UserError } from "../../protocol/userError.ts";
import type { Guard } from "../guard.ts";
import type { Session } from "../session.ts";
import {
  type BatchNode,
  type GroupNode,
  type MoreNode,
  type Node,
  type RunNode,
  batchId,
  nodeId,
  pageSize,
} from "./nodes.ts";
import { treeItem } from "./treeItems.ts";

/** The Rollouts view: run → train step → prompt group → rollout, in pages, straight from the store's index. */
export class RolloutsTree implements vscode.TreeDataProvider<Node> {
  readonly #session: Session;
  readonly #guard: Guard;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly #counted = new vscode.EventEmitter<void>();
  /** Rows shown of a node, where it is more than a page. */
  readonly #shown = new Map<string, number>();
  readonly #nodes = new Map<string, Node>();

  constructor(session: Session, guard: Guard) {
    this.#session = session;
    this.#guard = guard;
    const reload = (): void => this.#changed.fire(undefined);
    session.onDidChangeRoots(reload);
    session.onDidChangeView(() => {
      this.#shown.clear();
      reload();
    });
  }

  readonly onDidChangeTreeData = this.#changed.event;
  /** The roots were listed: counts for the badge may have changed. */
  readonly onDidCount = this.#counted.event;

  getTreeItem(node: Node): vscode.TreeItem {
    return treeItem(node);
  }

  getParent(node: Node): Node | null {
    return node.parent;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const children = (await this.#guard.quiet("rollouts view", () => this.#children(node))) ?? [];
    if (node === undefined) this.#counted.fire();
    for (const child of children) this.#nodes.set(nodeId(child), child);
    return children;
  }

  showMore(more: MoreNode): void {
    const id = nodeId(more.of);
    this.#shown.set(id, (this.#shown.get(id) ?? pageSize) + pageSize);
    this.#changed.fire(this.#nodes.get(id));
  }

  /** Groups without signal and damaged places, over all open runs. */
  async counts(): Promise<{ readonly silent: number; readonly damaged: number }> {
    let silent = 0;
    let damaged = 0;
    for (const root of this.#session.roots) {
      const opened = await this.#session.open(root).catch(() => null);
      if (opened === null) continue;
      damaged += opened.issues.reduce((n, { total }) => n + total, 0);
      for (const { run } of opened.runs) {
        const { rows } = await this.#session.store.batches(root, run, {
          ...this.#query(0),
          filter: "",
          to: 1e6,
        });
        silent += rows.reduce((n, row) => n + row.groupsWithoutSignal, 0);
      }
    }
    return { silent, damaged };
  }

  /** The node of a rollout, with its parents, to be revealed; undefined when it lies beyond what is shown. */
  async find(ref: TrajectoryRef): Promise<Node | undefined> {
    const place = await this.#session.store.locate(ref);
    const runs = await this.#children(undefined);
    const run = runs.find(
      (node) => node.kind === "run" && node.row.root === ref.root && node.row.run === place.batch.run,
    );
    if (run === undefined) return undefined;
    const batches = await this.#children(run);
    const batch = batches.find(
      (node) => node.kind === "batch" && batchId(node.row.key) === batchId(place.batch),
    );
    if (batch === undefined) return undefined;
    const groups = await this.#children(batch);
    const group = groups.find((node) => node.kind === "group" && node.row.key === place.group);
    if (group === undefined) return undefined;
    const rollouts = await this.#children(group);
    return rollouts.find(
      (node) => node.kind === "rollout" && node.row.ref.id === ref.id && node.row.ref.file === ref.file,
    );
  }

  async #children(node: Node | undefined): Promise<Node[]> {
    if (node === undefined) return this.#roots();
    switch (node.kind) {
      case "run":
        return this.#page(
          node,
          await this.#session.store.batches(node.row.root, node.row.run, this.#query(this.#to(node))),
          (row) => ({
            kind: "batch",
            row,
            parent: node,
          }),
        );
      case "batch":
        return this.#page(
          node,
          await this.#session.store.groups(node.row.key, this.#query(this.#to(node))),
          (row) => ({
            kind: "group",
            row,
            batch: node.row.key,
            parent: node,
          }),
        );
      case "group":
        return this.#page(
          node,
          await this.#session.store.rollouts(node.batch, node.row.key, this.#query(this.#to(node))),
          (row) => ({
            kind: "rollout",
            row,
            batch: node.batch,
            group: node.row.group,
            parent: node,
          }),
        );
      case "damage":
        return node.issues.issues.map((issue) => ({
          kind: "issue",
          file: node.issues.file,
          issue,
          parent: node,
        }));
      case "root":
      case "rollout":
      case "more":
      case "issue":
        return [];
    }
  }

  async #roots(): Promise<Node[]> {
    const nodes: Node[] = [];
    for (const root of this.#session.roots) {
      try {
        nodes.push(...rootNodes(root, await this.#session.open(root)));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        nodes.push({ kind: "root", root, parent: null, error: error.message });
      }
    }
    const { filter } = this.#session.view;
    if (filter === "") return nodes;
    const kept = await Promise.all(
      nodes.map(async (node) => node.kind !== "run" || (await this.#matches(node))),
    );
    return nodes.filter((_, i) => kept[i]);
  }

  async #matches(node: RunNode): Promise<boolean> {
    const { total } = await this.#session.store.batches(node.row.root, node.row.run, this.#query(1));
    return total > 0;
  }

  #to(node: Node): number {
    return this.#shown.get(nodeId(node)) ?? pageSize;
  }

  #query(to: number): RowQuery {
    return { ...this.#session.view, from: 0, to };
  }

  #page<T>(node: RunNode | BatchNode | GroupNode, { total, rows }: Page<T>, make: (row: T) => Node): Node[] {
    const nodes = rows.map(make);
    const left = total - rows.length;
    return left > 0 ? [...nodes, { kind: "more", of: node, left, parent: node }] : nodes;
  }
}

function rootNodes(root: string, { runs, issues }: OpenedRoot): Node[] {
  const damage: Node[] = issues
    .filter(({ total }) => total > 0)
    .map((file) => ({ kind: "damage", root, issues: file, parent: null }));
  return [...runs.map((row): Node => ({ kind: "run", row, parent: null })), ...damage];
}
