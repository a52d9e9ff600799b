import * as vscode from "vscode";
import { stepOf, withStep } from "../../core/rollout/stepTerm.ts";
import { serve } from "../../protocol/rpc.ts";
import type { CurveMarks, CurvesEvents, CurvesHostApi } from "../../protocol/webview.ts";
import type { Guard } from "../guard.ts";
import type { Session } from "../session.ts";
import type { Traces } from "../trace/traces.ts";
import { pageHtml, resourceRoots } from "../pageHtml.ts";
import { CurvesSource } from "./curvesSource.ts";
import { pagePorts } from "../pagePorts.ts";
import { showStep, type StepTree } from "./showStep.ts";
import { tabIcon } from "./tabIcon.ts";
import { ShownTraceStep } from "./traceStep.ts";

export const curvesViewType = "rewardLens.curves";

export interface CurvesParts {
  readonly session: Session;
  readonly traces: Traces;
  readonly guard: Guard;
  readonly steps: StepTree;
  readonly extension: vscode.Uri;
}

/** One panel of training curves a window. Its page keeps how it is looked at; here is only what it asks for. */
export class CurvesPanel implements vscode.Disposable {
  readonly #parts: CurvesParts;
  readonly #source: CurvesSource;
  readonly #trace: ShownTraceStep;
  readonly #subscriptions: vscode.Disposable;
  #panel: vscode.WebviewPanel | null = null;
  #emit: (<K extends keyof CurvesEvents>(name: K, value: CurvesEvents[K]) => void) | null = null;

  constructor(parts: CurvesParts) {
    const { session, traces, guard } = parts;
    this.#parts = parts;
    this.#source = new CurvesSource(session);
    this.#trace = new ShownTraceStep(traces, guard);
    this.#subscriptions = vscode.Disposable.from(
      this.#trace,
      this.#trace.onDidChange(() => this.#emit?.("marks", this.#marks())),
      session.onDidChangeView(() => this.#emit?.("marks", this.#marks())),
      session.onDidChangeRoots(() => this.#emit?.("changed", null)),
      session.onDidReadRoot((root) => {
        this.#source.forget(root);
        this.#emit?.("changed", null);
      }),
      vscode.window.registerWebviewPanelSerializer(curvesViewType, {
        deserializeWebviewPanel: async (panel) => this.#adopt(panel),
      }),
    );
  }

  /**
   * Shows the panel.
   * @param root a file or folder to open first, where it is not open
   */
  async show(root?: string): Promise<void> {
    const { session } = this.#parts;
    if (root !== undefined && !session.roots.includes(root)) await session.add(root);
    if (this.#panel !== null) return this.#panel.reveal();
    this.#create(vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.Active);
  }

  /** Shows the panel beside the active editor, which keeps the focus; leaves it where it is when it is there. */
  async showBeside(): Promise<void> {
    if (this.#panel === null) this.#create({ viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#panel?.dispose();
  }

  #create(where: Parameters<typeof vscode.window.createWebviewPanel>[2]): void {
    this.#adopt(
      vscode.window.createWebviewPanel(curvesViewType, "Training Curves", where, { enableScripts: true }),
    );
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    const { extension } = this.#parts;
    panel.webview.options = { enableScripts: true, localResourceRoots: resourceRoots(extension) };
    panel.iconPath = tabIcon;
    const ports = pagePorts(panel.webview, (port) => {
      const host = serve<CurvesHostApi>(port, this.#handlers());
      this.#emit = (name, value) => host.emit(name, value);
    });
    this.#panel = panel;
    this.#emit = null;
    panel.onDidDispose(() => {
      ports.dispose();
      if (this.#panel !== panel) return;
      this.#panel = null;
      this.#emit = null;
    });
    panel.webview.html = pageHtml(panel.webview, extension, "curves");
  }

  #handlers(): Parameters<typeof serve<CurvesHostApi>>[1] {
    const { session, steps, guard } = this.#parts;
    return {
      overview: () => this.#source.overview(),
      points: (_, version, requests) => this.#source.points(version, requests),
      marks: () => this.#marks(),
      choose: (_, step) => showStep(session, steps, step),
      clear: () => session.setView({ filter: withStep(session.view.filter, null) }),
      openFolder: () => guard.action("open folder", () => openFolder(session))(),
    };
  }

  #marks(): CurveMarks {
    return { selected: stepOf(this.#parts.session.view.filter), trace: this.#trace.shown };
  }
}

async function openFolder(session: Session): Promise<void> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: "Show Curves",
      title: "Folder of a run",
    })) ?? [];
  if (folder !== undefined) await session.add(folder.fsPath);
}
