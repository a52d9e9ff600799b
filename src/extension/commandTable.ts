import * as vscode from "vscode";
import { chooseMethod } from "./chooseMethod.ts";
import type { ColorScales } from "./colorScale.ts";
import type { CurvesPanel } from "./curves/curvesPanel.ts";
import type { Guard } from "./guard.ts";
import { type CommandId, commands, creditView, internalCommands } from "./names.ts";
import { activeTrace, goToStep, revealInLog, showTrace } from "./navigate.ts";
import type { DryRuns } from "./scoring/dryRun.ts";
import type { GpuSupport } from "./scoring/gpuSupport.ts";
import type { GraphComparisons } from "./scoring/graphComparisons.ts";
import type { Rescoring } from "./scoring/rescoring.ts";
import type { Session } from "./session.ts";
import type { Traces } from "./trace/traces.ts";
import { filterRollouts, sortRollouts } from "./tree/arrange.ts";
import type { MoreNode, Node } from "./tree/nodes.ts";
import { openRollouts } from "./tree/openRollouts.ts";
import type { RolloutsTree } from "./tree/rolloutsTree.ts";

interface Parts {
  readonly session: Session;
  readonly traces: Traces;
  readonly scales: ColorScales;
  readonly tree: RolloutsTree;
  readonly guard: Guard;
  readonly rescoring: Rescoring;
  readonly dryRuns: DryRuns;
  readonly graphs: GraphComparisons;
  readonly gpuSupport: GpuSupport;
  readonly curves: CurvesPanel;
}

type Handler = (...args: never[]) => unknown;

/** Registers every command of package.json; the table's type makes forgetting one an error. */
export function registerCommands(parts: Parts): vscode.Disposable {
  const { session, traces, tree, guard, rescoring, dryRuns, graphs, gpuSupport, curves } = parts;
  const table: Record<CommandId, Handler> = {
    [commands.openRollouts]: (uri?: vscode.Uri) => openRollouts(session, uri),
    [commands.chooseCreditMethod]: () => chooseMethod(session, traces),
    [commands.toggleInlineCredit]: () => session.setInline(!session.inline),
    [commands.rescore]: (folder?: unknown) =>
      rescoring.start(typeof folder === "string" ? folder : undefined),
    [commands.dryRun]: (folder?: unknown) =>
      dryRuns.show(async () => (typeof folder === "string" ? folder : rescoring.choose("Dry Run of Model"))),
    [commands.compareGraphs]: (folder?: unknown) =>
      graphs.show({
        root: () => rescoring.chooseRoot("Compare Graphs of Model"),
        model: async () =>
          typeof folder === "string" ? folder : rescoring.choose("Compare Graphs of Model"),
      }),
    [commands.showCurves]: (of?: unknown) => curves.show(rootOf(of)),
    [commands.nextStep]: () => goToStep(traces, "next"),
    [commands.previousStep]: () => goToStep(traces, "previous"),
    [commands.revealInLog]: (node?: Node) => reveal(traces, node),
    [commands.recomputeScale]: () => recomputeScale(parts),
    [commands.sortRollouts]: () => sortRollouts(session),
    [commands.filterRollouts]: () => filterRollouts(session),
    [commands.clearFilter]: () => session.setView({ filter: "" }),
    [commands.refreshRollouts]: () => Promise.all(session.roots.map((root) => session.reread(root))),
    [commands.closeRun]: (node?: Node) => closeRun(session, node),
    [commands.followLatest]: () => session.setFollowing(true),
    [commands.stopFollowing]: () => session.setFollowing(false),
    [commands.installGpuSupport]: () => gpuSupport.install(),
    [commands.showDoctor]: () => gpuSupport.showReport(),
    [commands.tuneCredit]: () => vscode.commands.executeCommand(`${creditView}.focus`),
  };
  const internal: Record<(typeof internalCommands)[keyof typeof internalCommands], Handler> = {
    [internalCommands.showTrace]: (...args: Parameters<typeof showTrace>) => showTrace(...args),
    [internalCommands.showMore]: (node: MoreNode) => tree.showMore(node),
  };
  const registered = Object.entries({ ...table, ...internal }).map(([id, handler]) =>
    vscode.commands.registerCommand(id, guard.action(id, handler as (...args: unknown[]) => unknown)),
  );
  return vscode.Disposable.from(...registered);
}

/** The file or folder that is meant by a row of the view, an address or a path; undefined = whatever is open. */
function rootOf(of: unknown): string | undefined {
  if (typeof of === "string") return of;
  if (of instanceof vscode.Uri) return of.scheme === "file" ? of.fsPath : undefined;
  const node = of as Node | undefined;
  return node?.kind === "run" ? node.row.root : undefined;
}

/** Closes the root a row belongs to: a run's, one that cannot be read, or one of which only damage is shown. */
async function closeRun(session: Session, node: Node | undefined): Promise<void> {
  if (node?.kind === "run") await session.remove(node.row.root);
  if (node?.kind === "root" || node?.kind === "damage") await session.remove(node.root);
}

async function reveal(traces: Traces, node: Node | undefined): Promise<void> {
  if (node?.kind === "rollout") return revealInLog({ ref: node.row.ref, line: node.row.line });
  return revealInLog(await traces.view(activeTrace().document.uri));
}

/** The colour scale of the active trace's run and method, taken anew from its train step. */
async function recomputeScale({ session, traces, scales }: Parts): Promise<void> {
  const { batch } = await traces.view(activeTrace().document.uri);
  await scales.forget(batch.run, session.request);
  traces.relight();
}
