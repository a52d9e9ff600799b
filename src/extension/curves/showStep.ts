import * as vscode from "vscode";
import { nearest } from "../../core/curve/nearest.ts";
import { withStep } from "../../core/rollout/stepTerm.ts";
import type { StepChoice } from "../../protocol/webview.ts";
import { rolloutsView } from "../names.ts";
import type { Session } from "../session.ts";
import type { Node } from "../tree/nodes.ts";
import type { RolloutsTree } from "../tree/rolloutsTree.ts";
import { loggedSteps } from "./loggedSteps.ts";

/** The tree and what shows a row of it. */
export interface StepTree {
  readonly tree: Pick<RolloutsTree, "getChildren">;
  reveal(node: Node, options: Parameters<vscode.TreeView<Node>["reveal"]>[1]): Thenable<void>;
}

/**
 * Filters the Rollouts view to a train step and opens that step in it. Where no rollouts were logged at the step,
 * nothing changes and the answer names the nearest step at which some were.
 */
export async function showStep(session: Session, at: StepTree, step: number): Promise<StepChoice> {
  const logged = await loggedSteps(session);
  const found = nearest(logged, step, { from: 0, to: logged.length });
  if (found < 0 || logged[found] !== step)
    return { step, shown: false, nearest: found < 0 ? null : logged[found]! };
  await session.setView({ filter: withStep(session.view.filter, step) });
  await vscode.commands.executeCommand(`${rolloutsView}.focus`);
  const batch = await findStep(at.tree, step);
  if (batch !== undefined) await at.reveal(batch, { select: true, focus: true, expand: true });
  return { step, shown: true, nearest: step };
}

async function findStep(tree: StepTree["tree"], step: number): Promise<Node | undefined> {
  for (const run of await tree.getChildren()) {
    if (run.kind !== "run") continue;
    const batches = await tree.getChildren(run);
    const batch = batches.find((node) => node.kind === "batch" && node.row.key.trainStep === step);
    if (batch !== undefined) return batch;
  }
  return undefined;
}
