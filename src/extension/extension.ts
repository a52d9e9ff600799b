import * as vscode from "vscode";
import { StoreClient } from "../store/storeClient.ts";
import { CreditView } from "./credit/creditView.ts";
import { CurvesPanel } from "./curves/curvesPanel.ts";
import { openCurvesWithRun } from "./curves/openWithRun.ts";
import { ColorScales } from "./colorScale.ts";
import { registerCommands } from "./commandTable.ts";
import { followLatest } from "./followLatest.ts";
import { Guard } from "./guard.ts";
import { registerHover } from "./hover.ts";
import { contextKeys, settings } from "./names.ts";
import { Painter } from "./paint/painter.ts";
import { LazySchema } from "./schema/nativeLines.ts";
import { registerSchemaCompletion } from "./schema/schemaCompletion.ts";
import { registerSchemaDiagnostics } from "./schema/schemaDiagnostics.ts";
import { ReadOnlyTexts } from "./readOnlyTexts.ts";
import { DryRuns } from "./scoring/dryRun.ts";
import { gpuFolder, GpuSupport } from "./scoring/gpuSupport.ts";
import { GraphComparisons } from "./scoring/graphComparisons.ts";
import { Rescoring } from "./scoring/rescoring.ts";
import { Session, setting } from "./session.ts";
import { registerStatusBar } from "./statusBar.ts";
import { registerOutline } from "./trace/outline.ts";
import { registerTraceFileSystem } from "./trace/traceFileSystem.ts";
import { Traces } from "./trace/traces.ts";
import { isTrace } from "./trace/traceUri.ts";
import { RolloutsTree } from "./tree/rolloutsTree.ts";
import { registerRolloutsView } from "./tree/rolloutsView.ts";
import { watchRoots } from "./watchRoots.ts";

/** What the extension tells other extensions; the benchmark reads it. */
export interface Exports {
  /** Host milliseconds of the latest updates of decorations while scrolling. */
  updateMs(): readonly number[];
}

/** Composition root. Reads no log and starts nothing: the store's worker starts with the first call. */
export function activate(context: vscode.ExtensionContext): Exports {
  const log = vscode.window.createOutputChannel("RewardLens", { log: true });
  const guard = new Guard(log);
  const store = new StoreClient({
    workerFile: context.asAbsolutePath("dist/storeWorker.cjs"),
    environment: { REWARDLENS_GPU: gpuFolder(context) },
    log: (line) => log.warn(line),
  });
  const session = new Session(store, context.workspaceState);
  const scales = new ColorScales(context.workspaceState);
  const traces = new Traces(session, scales, guard);
  const rescoring = new Rescoring({ session, guard, context });
  const texts = new ReadOnlyTexts();
  const dryRuns = new DryRuns(session, texts);
  const graphs = new GraphComparisons(session, texts);
  const gpuSupport = new GpuSupport(context, texts);
  const tree = new RolloutsTree(session, guard);
  const painter = new Painter(session, traces, guard);
  const view = registerRolloutsView(session, traces, tree, guard);
  const schema = new LazySchema(context);
  const steps = { tree, reveal: view.reveal };
  const curves = new CurvesPanel({ session, traces, guard, steps, extension: context.extensionUri });
  context.subscriptions.push(
    log,
    store,
    session,
    traces,
    painter,
    rescoring,
    texts,
    registerCommands({
      session,
      traces,
      scales,
      tree,
      guard,
      rescoring,
      dryRuns,
      graphs,
      gpuSupport,
      curves,
    }),
    registerTraceFileSystem(traces),
    registerHover(session, traces, guard),
    registerOutline(traces, guard),
    registerStatusBar(session, traces, guard),
    view,
    curves,
    new CreditView({ session, traces, guard, extension: context.extensionUri }),
    openCurvesWithRun(session, curves, guard),
    registerSchemaCompletion(schema, guard),
    registerSchemaDiagnostics(schema, guard),
    watchRoots(session, guard),
    followLatest(session, guard),
    followSettings(session, traces, guard, log),
    followActiveTrace(guard),
  );
  painter.paintAll();
  return { updateMs: () => painter.updateMs };
}

/** Segmentation and scorers are the store's; a new rule changes steps and numbers of what is open. */
function followSettings(
  session: Session,
  traces: Traces,
  guard: Guard,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const configure = guard.action("segmentation setting", async () => {
    for (const problem of await session.configure()) log.warn(problem);
    traces.reread();
  });
  if (setting(settings.segmentation, "") !== "" || session.scorers.length > 0) void configure();
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`rewardLens.${settings.segmentation}`)) void configure();
    if (change.affectsConfiguration(`rewardLens.${settings.creditMethod}`)) traces.relight();
  });
}

/** Keeps the context key of menus and key bindings. */
function followActiveTrace(guard: Guard): vscode.Disposable {
  const tell = (editor: vscode.TextEditor | undefined): void => {
    const active = editor !== undefined && isTrace(editor.document);
    void guard.quiet("context", () =>
      vscode.commands.executeCommand("setContext", contextKeys.traceActive, active),
    );
  };
  tell(vscode.window.activeTextEditor);
  return vscode.window.onDidChangeActiveTextEditor(tell);
}
