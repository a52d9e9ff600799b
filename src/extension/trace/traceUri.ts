import * as vscode from "vscode";
import type { TrajectoryRef } from "../../protocol/store.ts";
import { UserError } from "../../protocol/userError.ts";
import { traceScheme } from "../names.ts";

/**
 * A trace's address: the log's path and a readable title (the tab's name) as path, the identity as query. All
 * that is needed to show it again after a reload.
 */
export function traceUri(ref: TrajectoryRef, title: string): vscode.Uri {
  const file = vscode.Uri.file(ref.file).path;
  const name = title.replaceAll("/", "∕").replaceAll("\\", "∖");
  const query = JSON.stringify({ root: ref.root, id: ref.id });
  return vscode.Uri.from({ scheme: traceScheme, path: `${file}/${name}`, query });
}

/** @throws UserError when the address does not name a trajectory. */
export function trajectoryOf(uri: vscode.Uri): TrajectoryRef {
  try {
    const { root, id } = JSON.parse(uri.query) as Record<string, unknown>;
    const slash = uri.path.lastIndexOf("/");
    if (typeof root !== "string" || typeof id !== "string" || slash <= 0) throw new SyntaxError();
    return { root, id, file: vscode.Uri.from({ scheme: "file", path: uri.path.slice(0, slash) }).fsPath };
  } catch {
    throw new UserError("trace/address", "This address names no rollout. Open it from the Rollouts view.");
  }
}

export function isTrace(document: vscode.TextDocument): boolean {
  return document.uri.scheme === traceScheme;
}

/** What the tab of a rollout is called: short, and different for rollouts side by side. */
export function traceTitle(of: {
  readonly trainStep: number | null;
  readonly group: string | null;
  readonly index: number;
}): string {
  const step = of.trainStep === null ? "" : `step ${of.trainStep} · `;
  const group = of.group === null ? "" : `${of.group.length > 16 ? `${of.group.slice(0, 8)}…` : of.group} · `;
  return `${step}${group}rollout ${of.index}`.replace(/\s+/g, " ");
}
