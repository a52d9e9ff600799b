import type { BatchKey, BatchRow, FileIssues, GroupRow, RolloutRow, RunRow } from "../../protocol/store.ts";
import type { Issue } from "../../core/rollout/issue.ts";

/** Rows a tree node shows at a time; "Show more" adds as many again. */
export const pageSize = 500;

/** A row of the Rollouts view. `parent` leads to the root, so that a rollout can be revealed. */
export type Node =
  | RootNode
  | RunNode
  | BatchNode
  | GroupNode
  | RolloutNode
  | MoreNode
  | DamageNode
  | IssueNode;

export interface RootNode {
  readonly kind: "root";
  readonly root: string;
  readonly parent: null;
  /** Why it cannot be read. */
  readonly error: string;
}

export interface RunNode {
  readonly kind: "run";
  readonly row: RunRow;
  readonly parent: null;
}

export interface BatchNode {
  readonly kind: "batch";
  readonly row: BatchRow;
  readonly parent: RunNode;
}

export interface GroupNode {
  readonly kind: "group";
  readonly row: GroupRow;
  readonly batch: BatchKey;
  readonly parent: BatchNode;
}

export interface RolloutNode {
  readonly kind: "rollout";
  readonly row: RolloutRow;
  readonly batch: BatchKey;
  readonly group: string | null;
  readonly parent: GroupNode;
}

/** Stands for the rows that are not shown yet. */
export interface MoreNode {
  readonly kind: "more";
  readonly of: BatchNode | GroupNode | RunNode;
  readonly left: number;
  readonly parent: BatchNode | GroupNode | RunNode;
}

/** All damage of one file; opens to its lines. */
export interface DamageNode {
  readonly kind: "damage";
  readonly root: string;
  readonly issues: FileIssues;
  readonly parent: null;
}

export interface IssueNode {
  readonly kind: "issue";
  readonly file: string;
  readonly issue: Issue;
  readonly parent: DamageNode;
}

/** Stable over reloads, so that what is open stays open. */
export function nodeId(node: Node): string {
  switch (node.kind) {
    case "root":
      return `root|${node.root}`;
    case "run":
      return `run|${node.row.root}|${node.row.run}`;
    case "batch":
      return `${nodeId(node.parent)}|${batchId(node.row.key)}`;
    case "group":
      return `${nodeId(node.parent)}|${node.row.key}`;
    case "rollout":
      return `${nodeId(node.parent)}|${node.row.ref.file}|${node.row.ref.id}`;
    case "more":
      return `${nodeId(node.of)}|more`;
    case "damage":
      return `damage|${node.root}|${node.issues.file}`;
    case "issue":
      return `${nodeId(node.parent)}|${node.issue.line}|${node.issue.byte}|${node.issue.message}`;
  }
}

export function batchId(key: BatchKey): string {
  return `${key.split}|${key.trainStep ?? ""}|${key.file ?? ""}`;
}
