import * as vscode from "vscode";
import { formatNumber } from "../../core/stats/formatNumber.ts";
import { internalCommands } from "../names.ts";
import { type Node, nodeId } from "./nodes.ts";

/** How a node looks: the label says what it is, the description carries the numbers. */
export function treeItem(node: Node): vscode.TreeItem {
  const item = itemOf(node);
  item.id = nodeId(node);
  item.contextValue = node.kind;
  return item;
}

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

function itemOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case "root": {
      const item = new vscode.TreeItem(fileName(node.root), None);
      item.description = node.error;
      item.tooltip = `${node.root}\n${node.error}`;
      item.iconPath = colored("error", "list.errorForeground");
      return item;
    }
    case "run":
      return runItem(node);
    case "batch":
      return batchItem(node);
    case "group":
      return groupItem(node);
    case "rollout":
      return rolloutItem(node);
    case "more": {
      const item = new vscode.TreeItem(`Show more (${node.left} left)`, None);
      item.iconPath = new vscode.ThemeIcon("ellipsis");
      item.command = { command: internalCommands.showMore, title: "Show More", arguments: [node] };
      return item;
    }
    case "damage": {
      const { file, total } = node.issues;
      const item = new vscode.TreeItem(`${total} ${total === 1 ? "problem" : "problems"}`, Collapsed);
      item.description = fileName(file);
      item.tooltip = `${file}: what could be read is shown; open this node for the lines that could not.`;
      item.iconPath = colored("warning", "list.warningForeground");
      return item;
    }
    case "issue":
      return issueItem(node);
  }
}

function runItem({ row }: Extract<Node, { kind: "run" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(row.run === row.root ? fileName(row.root) : row.run, Expanded);
  const steps = row.trainSteps === 0 ? "no train step" : count(row.trainSteps, "train step");
  item.description = `${steps} · ${count(row.trajectories, "rollout")} · ${row.formats.join(", ")}`;
  item.tooltip = `${row.root}\n${item.description} in ${count(row.files, "file")}`;
  item.iconPath = new vscode.ThemeIcon("beaker");
  return item;
}

function batchItem({ row, parent }: Extract<Node, { kind: "batch" }>): vscode.TreeItem {
  const { trainStep, split, file } = row.key;
  const validation = split === "validation" ? "validation " : "";
  const label = trainStep === null ? fileName(file ?? row.key.run) : `${validation}step ${trainStep}`;
  const item = new vscode.TreeItem(label, parent.row.batches === 1 ? Expanded : Collapsed);
  const reward = Number.isNaN(row.meanReward) ? "no reward" : `reward ${formatNumber(row.meanReward)}`;
  const silent = row.groupsWithoutSignal > 0 ? ` · ${row.groupsWithoutSignal} without signal` : "";
  item.description = `${reward} · ${count(row.trajectories, "rollout")}${silent}`;
  item.tooltip = `${label}: mean reward ${formatNumber(row.meanReward)} over ${count(row.trajectories, "rollout")} in ${count(row.groups, "group")}${silent}`;
  item.iconPath = new vscode.ThemeIcon(split === "validation" ? "checklist" : "milestone");
  return item;
}

function groupItem({ row }: Extract<Node, { kind: "group" }>): vscode.TreeItem {
  const name = row.prompt === "" ? (row.group ?? "no prompt") : row.prompt;
  const item = new vscode.TreeItem(name, Collapsed);
  const solved = row.judged > 0 ? `${row.successes}/${row.judged}` : `${row.trajectories}×`;
  const spread = Number.isNaN(row.stdReward) ? "" : ` · ±${formatNumber(row.stdReward)}`;
  item.description = row.noSignal ? `${solved} · no signal` : `${solved}${spread}`;
  const why = row.noSignal ? "\nNo signal: all rewards are equal, so the group teaches nothing." : "";
  item.tooltip = `${row.group === null ? "no group in the log" : `group ${row.group}`}\nreward ${formatNumber(row.meanReward)} ± ${formatNumber(row.stdReward)} over ${row.rewarded} of ${count(row.trajectories, "rollout")}${why}`;
  item.iconPath = row.noSignal
    ? colored("circle-slash", "descriptionForeground")
    : new vscode.ThemeIcon("comment");
  return item;
}

function rolloutItem({ row, batch, group }: Extract<Node, { kind: "rollout" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(`rollout ${row.index}`, None);
  const length = row.tokenSource === "none" ? `${row.nChars} chars` : `${row.nTokens} tokens`;
  const reward = Number.isNaN(row.reward) ? "no reward" : formatNumber(row.reward);
  const cut = row.truncated === true ? " · truncated" : "";
  const broken = row.damaged ? " · damaged" : "";
  item.description = `${reward} · ${length}${cut}${broken}`;
  item.tooltip = `${row.ref.id}\nreward ${reward} · ${length} · ${count(row.nTurns, "turn")}${cut}${broken}\n${row.ref.file}:${row.line}`;
  item.iconPath = outcome(row.success, row.truncated);
  item.command = {
    command: internalCommands.showTrace,
    title: "Show Trace",
    arguments: [row.ref, { trainStep: batch.trainStep, group, index: row.index }],
  };
  item.accessibilityInformation = {
    label: `rollout ${row.index}, reward ${reward}, ${length}${row.success === null ? "" : row.success ? ", success" : ", failed"}`,
  };
  return item;
}

function issueItem({ issue, file }: Extract<Node, { kind: "issue" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(issue.line > 0 ? `line ${issue.line}` : issue.code, None);
  item.description = issue.message;
  item.tooltip = `${issue.code} at byte ${issue.byte}: ${issue.message}`;
  item.iconPath = new vscode.ThemeIcon("warning");
  const at = Math.max(0, issue.line - 1);
  item.command = {
    command: "vscode.open",
    title: "Open Log",
    arguments: [vscode.Uri.file(file), { selection: new vscode.Range(at, 0, at, 0) }],
  };
  return item;
}

function outcome(success: boolean | null, truncated: boolean | null): vscode.ThemeIcon {
  if (success === true) return colored("pass", "testing.iconPassed");
  if (success === false) return colored("error", "testing.iconFailed");
  return new vscode.ThemeIcon(truncated === true ? "debug-stackframe" : "circle-outline");
}

function colored(icon: string, color: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}

function fileName(path: string): string {
  return path.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "");
}
