import { wordOf } from "../core/credit/parameter.ts";
import * as vscode from "vscode";
import { creditMethods } from "../core/credit/registry.ts";
import { formatNumber } from "../core/stats/formatNumber.ts";
import { meanSign } from "./paint/stepMark.ts";
import type { Guard } from "./guard.ts";
import { commands } from "./names.ts";
import type { Session } from "./session.ts";
import type { LitTrace, Traces } from "./trace/traces.ts";
import { isTrace } from "./trace/traceUri.ts";

/** Method, provenance and colour scale of the active trace as a legend; a click chooses another method. */
class CreditStatus implements vscode.Disposable {
  readonly #session: Session;
  readonly #traces: Traces;
  readonly #item = vscode.window.createStatusBarItem(
    "rewardLens.credit",
    vscode.StatusBarAlignment.Right,
    100,
  );
  readonly #subscriptions: vscode.Disposable;

  constructor(session: Session, traces: Traces, guard: Guard) {
    this.#session = session;
    this.#traces = traces;
    this.#item.name = "RewardLens: Credit";
    this.#item.command = commands.chooseCreditMethod;
    const show = (): void => void guard.quiet("status bar", () => this.#show());
    this.#subscriptions = vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(show),
      traces.onDidChange(show),
      session.onDidChangeCredit(show),
    );
    show();
  }

  dispose(): void {
    this.#item.dispose();
    this.#subscriptions.dispose();
  }

  async #show(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined || !isTrace(document)) {
      this.#item.hide();
      return;
    }
    const trace = await this.#traces.lit(document.uri);
    const { method } = this.#session.request;
    const label = creditMethods.find(({ id }) => id === method)?.label ?? method;
    const icon = this.#session.inline ? "$(eye)" : "$(eye-closed)";
    const lane = this.#session.request.lane ?? "credit";
    const name = lane === "credit" ? label : `${label} · ${lane}`;
    this.#item.text = `${icon} ${name} ${legend(trace)}`;
    this.#item.accessibilityInformation = {
      label: `Credit method ${label}, ${spoken(trace)}`,
      role: "button",
    };
    this.#item.tooltip = tooltip(trace, label, this.#session.inline);
    this.#item.show();
  }
}

function legend({ credit, scale }: LitTrace): string {
  if (credit.status === "unavailable") return "$(circle-slash) not available";
  if (!(scale > 0)) return `· no signal · ${credit.provenance}`;
  return `▼ −${formatNumber(scale)} … +${formatNumber(scale)} ▲ · ${credit.provenance}`;
}

function spoken({ credit, scale }: LitTrace): string {
  return credit.status === "unavailable"
    ? credit.reason
    : `${credit.provenance}, scale ${formatNumber(scale)}`;
}

function tooltip({ credit, scale }: LitTrace, label: string, inline: boolean): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown(`**${label}** · `);
  if (credit.status === "unavailable") {
    text.appendMarkdown("not available\n\n").appendText(credit.reason).appendMarkdown("\n\n");
  } else {
    text.appendMarkdown(`${credit.provenance}, one number a ${credit.level}\n\n`);
    text.appendMarkdown(`Number at a step: ${stepCreditInWords[credit.stepCredit]}.\n\n`);
    if (scale > 0)
      text.appendMarkdown(
        `Full strength at ±${formatNumber(scale)}, the same in every trace of this run.\n\n`,
      );
    const params = Object.entries(credit.params).map(([name, value]) => `${name} ${wordOf(value)}`);
    text.appendText(params.join(" · ")).appendMarkdown("\n\n");
    if (credit.flags.length > 0) text.appendText(credit.flags.join(" · ")).appendMarkdown("\n\n");
  }
  const { chooseCreditMethod, toggleInlineCredit, recomputeScale, tuneCredit } = commands;
  text.appendMarkdown(
    `[Choose Method](command:${chooseCreditMethod}) · [${inline ? "Hide" : "Show"} Credit](command:${toggleInlineCredit})` +
      ` · [Tune](command:${tuneCredit}) · [Recompute Scale](command:${recomputeScale})`,
  );
  text.isTrusted = { enabledCommands: [chooseCreditMethod, toggleInlineCredit, tuneCredit, recomputeScale] };
  return text;
}

const stepCreditInWords = {
  own: "the step's own credit",
  "mean of tokens": `the mean of its tokens' credit, marked ${meanSign}`,
  "whole turn": "the credit of the whole turn",
  "whole response": "the credit of the whole response",
} as const;

export function registerStatusBar(session: Session, traces: Traces, guard: Guard): vscode.Disposable {
  return new CreditStatus(session, traces, guard);
}
