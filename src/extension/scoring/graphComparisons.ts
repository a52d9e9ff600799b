import * as vscode from "vscode";
import { usualLimit } from "../../protocol/graphComparison.ts";
import { type DeviceChoice, verifierPrefix } from "../../protocol/scorer.ts";
import { UserError } from "../../protocol/userError.ts";
import { comparisonText } from "../../scorerClient/graphComparisonText.ts";
import { settings } from "../names.ts";
import type { ReadOnlyTexts } from "../readOnlyTexts.ts";
import { type Session, setting } from "../session.ts";
import { completeModel } from "./modelForm.ts";
import { count } from "./scorerStatus.ts";

/** What a comparison is of; each is undefined when none was chosen. */
interface Chosen {
  model(): Promise<string | undefined>;
  root(): Promise<string | undefined>;
}

/** "Compare Graphs of Model…": whether a smaller graph scores as the exact one does, as a read-only document. */
export class GraphComparisons {
  readonly #session: Session;
  readonly #texts: ReadOnlyTexts;

  constructor(session: Session, texts: ReadOnlyTexts) {
    this.#session = session;
    this.#texts = texts;
  }

  /**
   * Scores rollouts of a run with every graph of a model's folder and shows how their scores agree. It is kept for the list
   * of models; cancelling keeps what was scored.
   * @throws UserError that says what is wrong with the model, or that its folder holds one graph
   */
  async show(chosen: Chosen): Promise<void> {
    const root = await chosen.root();
    const folder = root === undefined ? undefined : await chosen.model();
    if (root === undefined || folder === undefined) return;
    if (folder.startsWith(verifierPrefix))
      throw new UserError("graphs/verifier", "A verifier has no graph: choose a model.");
    if (!(await completeModel(this.#session.store, folder))) return;
    const comparison = await this.#compare(root, folder);
    await this.#texts.show(`Graphs · ${comparison.own.id}`, comparisonText(comparison));
  }

  #compare(root: string, folder: string): ReturnType<Session["store"]["compareGraphs"]> {
    const controller = new AbortController();
    const device = setting<DeviceChoice>(settings.scorerDevice, "auto");
    const threads = setting(settings.scorerThreads, 0);
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: "RewardLens: comparing graphs",
      cancellable: true,
    };
    return Promise.resolve(
      vscode.window.withProgress(options, async (progress, cancelled) => {
        cancelled.onCancellationRequested(() => controller.abort());
        const told = this.#session.on("comparing", ({ graph, done, total, ...of }) => {
          if (of.root === root && of.folder === folder)
            progress.report({ message: `${graph}: ${count(done)} of ${count(total)} rollouts` });
        });
        try {
          const store = this.#session.withSignal(controller.signal);
          return await store.compareGraphs({ root, folder, limit: usualLimit, device, threads });
        } finally {
          told.dispose();
        }
      }),
    );
  }
}
