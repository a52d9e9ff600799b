import * as vscode from "vscode";
import { creditMethods } from "../../core/credit/registry.ts";
import { type DeviceChoice, type ModelChoice, verifierPrefix } from "../../protocol/scorer.ts";
import type { ScoreReport, ScoringProgress } from "../../protocol/scoring.ts";
import type { CreditRequest, TrajectoryRef } from "../../protocol/store.ts";
import { UserError } from "../../protocol/userError.ts";
import type { Guard } from "../guard.ts";
import { settings } from "../names.ts";
import { type Session, setting } from "../session.ts";
import { isTrace, trajectoryOf } from "../trace/traceUri.ts";
import { chooseModel, type Offered } from "./chooseModel.ts";
import { completeModel } from "./modelForm.ts";
import { methodFor } from "./methodFor.ts";
import { count, inWords, ScorerStatus } from "./scorerStatus.ts";

interface Parts {
  readonly session: Session;
  readonly guard: Guard;
  readonly context: vscode.ExtensionContext;
}

const recentKey = "recentModels";
const mostRecent = 5;

/** "Re-score with Model…": chooses a model, scores the run in the background, and shows credit from its scores. */
export class Rescoring implements vscode.Disposable {
  readonly #session: Session;
  readonly #guard: Guard;
  readonly #context: vscode.ExtensionContext;
  readonly #status = new ScorerStatus();
  #running: AbortController | null = null;

  constructor({ session, guard, context }: Parts) {
    this.#session = session;
    this.#guard = guard;
    this.#context = context;
    void guard.quiet("scorer status", () => this.#showKept());
  }

  /** @param folder the model's; asked for where it is not given */
  async start(folder?: string): Promise<void> {
    const root = await this.chooseRoot("Re-score with Model");
    if (root === undefined) return;
    const chosen = folder ?? (await this.choose("Re-score with Model"));
    if (chosen === undefined || !(await completeModel(this.#session.store, chosen))) return;
    await this.#score(root, chosen);
  }

  /** Asks for a model. @returns its folder; undefined when none was chosen */
  async choose(title: string): Promise<string | undefined> {
    return chooseModel(title, await this.#offered());
  }

  dispose(): void {
    this.#running?.abort();
    this.#status.dispose();
  }

  /** The run of the active trace, the only one that is open, or the one that is picked. */
  async chooseRoot(title: string): Promise<string | undefined> {
    const shown = shownTrace();
    if (shown !== null) return shown.root;
    const { roots } = this.#session;
    if (roots.length === 0)
      throw new UserError(
        "rescore/none",
        "No run is open to be scored. Use “RewardLens: Open Rollouts…” first.",
      );
    if (roots.length === 1) return roots[0];
    const items = roots.map((root) => ({ label: vscode.workspace.asRelativePath(root), root }));
    const picked = await vscode.window.showQuickPick(items, {
      title,
      placeHolder: "Which run?",
    });
    return picked?.root;
  }

  async #offered(): Promise<Offered> {
    const { store } = this.#session;
    const bundled = await store.models([this.#bundledFolder()]);
    const recent = await store.models(this.#recent());
    const configured = await store.models(setting<readonly string[]>(settings.scorerModels, []));
    return { bundled, recent, configured, verifiers: await store.models([verifierPrefix]) };
  }

  #bundledFolder(): string {
    return this.#context.asAbsolutePath("media/models");
  }

  #recent(): readonly string[] {
    return this.#context.globalState.get<readonly string[]>(recentKey, []);
  }

  async #score(root: string, folder: string): Promise<void> {
    const [choice] = await this.#session.store.models([folder]);
    if (choice === undefined || choice.problem !== "")
      throw new UserError("rescore/model", choice?.problem ?? `${folder}: holds no model.`);
    // A second start takes the place of the first: what that has scored is kept.
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    const before = this.#session.request;
    const { scorers } = this.#session;
    await this.#remember(folder);
    const view = new ShownProgress(choice, this.#status);
    const told = this.#session.on("scoring", (progress) => {
      if (progress.root !== root || progress.model !== choice.id || controller.signal.aborted) return;
      view.tell(progress);
      if (progress.ready.length > 0)
        void this.#guard.quiet("credit of scores", () => this.#showCredit(choice));
    });
    this.#status.loading(choice);
    try {
      const report = await this.#withProgress(root, choice, view, controller);
      this.#status.done({ label: choice.label, report });
      await this.#showCredit(choice);
      void this.#guard.quiet("scored", () => this.#tellOf(report, before));
    } catch (error) {
      // Where another scoring took this one's place there is nothing to say.
      if (this.#running === controller) {
        if (view.latest === null) await this.#giveUp(folder, scorers);
        else this.#status.done({ label: choice.label, report: null });
        void this.#guard.quiet("scoring ended", () => this.#offerRest(error, { root, choice, view }));
      }
    } finally {
      told.dispose();
      if (this.#running === controller) this.#running = null;
    }
  }

  async #withProgress(
    root: string,
    { folder, label }: ModelChoice,
    view: ShownProgress,
    controller: AbortController,
  ): Promise<ScoreReport> {
    const device = setting<DeviceChoice>(settings.scorerDevice, "auto");
    const threads = setting(settings.scorerThreads, 0);
    const shown = shownTrace();
    const first = shown?.root === root ? shown : null;
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `Scoring with ${label}`,
      cancellable: true,
    };
    return vscode.window.withProgress(options, (progress, cancelled) => {
      cancelled.onCancellationRequested(() => controller.abort());
      view.into(progress);
      return this.#session.withSignal(controller.signal).score({ root, folder, device, threads, first });
    });
  }

  /** Credit by a method that reads what this model gives: the one that is chosen, where it does. */
  async #showCredit(choice: ModelChoice): Promise<void> {
    const { request } = this.#session;
    const method = methodFor(choice, request.method);
    if (method === undefined) return;
    const kept = method.id === request.method ? request.params : {};
    const own = "source" in method.params ? { source: choice.id } : {};
    if (method.id === request.method && kept["source"] === own.source) return;
    await this.#session.choose({ method: method.id, params: { ...kept, ...own } });
  }

  async #tellOf(report: ScoreReport, before: CreditRequest): Promise<void> {
    const now = this.#session.request;
    const isSame = before.method === now.method && before.params["source"] === now.params["source"];
    const label = creditMethods.find(({ id }) => id === before.method)?.label ?? before.method;
    const back = `Back to ${label}`;
    const message = `RewardLens: ${inWords(report)}`;
    const chosen = await vscode.window.showInformationMessage(message, ...(isSame ? [] : [back]));
    if (chosen === back) await this.#session.choose(before);
  }

  /** A scoring that ended early has lost nothing: says so, and offers the rest. */
  async #offerRest(
    error: unknown,
    {
      root,
      choice,
      view,
    }: { readonly root: string; readonly choice: ModelChoice; readonly view: ShownProgress },
  ): Promise<void> {
    const isCancelled = error instanceof UserError && error.code === "cancelled";
    if (!(error instanceof UserError)) throw error;
    const kept =
      view.latest === null
        ? ""
        : ` ${count(view.latest.done)} of ${count(view.latest.total)} rollouts are scored and kept.`;
    const again = isCancelled ? "Score the Rest" : "Retry";
    const chosen = isCancelled
      ? await vscode.window.showInformationMessage(`RewardLens: scoring was cancelled.${kept}`, again)
      : await vscode.window.showErrorMessage(`RewardLens: ${error.message}${kept}`, again);
    if (chosen === again)
      await this.#guard.action("rewardLens.rescore", () => this.#score(root, choice.folder))();
  }

  async #remember(folder: string): Promise<void> {
    await this.#session.useScorer(folder);
    if (folder.startsWith(this.#bundledFolder())) return;
    const recent = [folder, ...this.#recent().filter((other) => other !== folder)].slice(0, mostRecent);
    await this.#context.globalState.update(recentKey, recent);
  }

  /** A model that has scored nothing leaves those that are shown as they were. */
  async #giveUp(folder: string, before: readonly string[]): Promise<void> {
    if (!before.includes(folder)) await this.#session.showScorers(before);
    this.#status.none();
    await this.#showKept();
  }

  /** After a reload: the model whose kept scores are shown. */
  async #showKept(): Promise<void> {
    const [folder] = this.#session.scorers;
    if (folder === undefined) return;
    const [choice] = await this.#session.store.models([folder]);
    if (choice?.problem === "") this.#status.done({ label: choice.label, report: null });
  }
}

/** Progress in its two places: the notification and the status bar. */
class ShownProgress {
  readonly #choice: ModelChoice;
  readonly #status: ScorerStatus;
  #progress: vscode.Progress<{ message?: string; increment?: number }> | null = null;
  #percent = 0;
  latest: ScoringProgress | null = null;

  constructor(choice: ModelChoice, status: ScorerStatus) {
    this.#choice = choice;
    this.#status = status;
  }

  into(progress: vscode.Progress<{ message?: string; increment?: number }>): void {
    this.#progress = progress;
  }

  tell(latest: ScoringProgress): void {
    this.latest = latest;
    const { done, total, tokens, seconds, device } = latest;
    const percent = (100 * done) / Math.max(1, total);
    const speed = tokens > 0 ? ` · ${count(Math.round(tokens / seconds))} tokens/s` : "";
    this.#progress?.report({
      message: `${count(done)} of ${count(total)} rollouts on the ${device.toUpperCase()}${speed}`,
      increment: percent - this.#percent,
    });
    this.#percent = percent;
    this.#status.progress(this.#choice, latest);
  }
}

function shownTrace(): TrajectoryRef | null {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && isTrace(document) ? trajectoryOf(document.uri) : null;
}
