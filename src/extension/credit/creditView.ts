import * as vscode from "vscode";
import type { AnyCreditMethod } from "../../core/credit/registry.ts";
import { creditMethods } from "../../core/credit/registry.ts";
import { resolveParameters } from "../../core/credit/parameter.ts";
import type { CreditEvents, CreditHostApi, CreditPageState } from "../../protocol/creditPage.ts";
import { serve } from "../../protocol/rpc.ts";
import type { CreditRequest, MethodChoice } from "../../protocol/store.ts";
import { UserError } from "../../protocol/userError.ts";
import type { Guard } from "../guard.ts";
import { creditView } from "../names.ts";
import { pageHtml, resourceRoots } from "../pageHtml.ts";
import { pagePorts } from "../pagePorts.ts";
import type { Session } from "../session.ts";
import type { Traces } from "../trace/traces.ts";
import { isTrace } from "../trace/traceUri.ts";

interface CreditViewParts {
  readonly session: Session;
  readonly traces: Traces;
  readonly guard: Guard;
  readonly extension: vscode.Uri;
}

/**
 * The view in which method and parameters are tried out: the inline credit of the shown trace follows every move of a
 * slider. What is chosen is the session's, and so kept for the workspace.
 */
export class CreditView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #parts: CreditViewParts;
  readonly #subscriptions: vscode.Disposable;
  /** The latest choice that is not used yet, and the using of those before it. */
  #wanted: CreditRequest | null = null;
  #using: Promise<void> | null = null;
  #emit: (<K extends keyof CreditEvents>(name: K, value: CreditEvents[K]) => void) | null = null;

  constructor(parts: CreditViewParts) {
    const { session, traces } = parts;
    this.#parts = parts;
    const tell = (): void => this.#emit?.("changed", null);
    this.#subscriptions = vscode.Disposable.from(
      vscode.window.registerWebviewViewProvider(creditView, this),
      session.onDidChangeCredit(() => {
        // The page knows what it asked for itself.
        if (this.#using === null) tell();
      }),
      session.onDidReadRoot(tell),
      traces.onDidChangeText(tell),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor === undefined || isTrace(editor.document)) tell();
      }),
    );
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { extension } = this.#parts;
    view.webview.options = { enableScripts: true, localResourceRoots: resourceRoots(extension) };
    const ports = pagePorts(view.webview, (port) => {
      const host = serve<CreditHostApi>(port, this.#handlers());
      this.#emit = (name, value) => host.emit(name, value);
    });
    view.onDidDispose(() => {
      ports.dispose();
      this.#emit = null;
    });
    view.webview.html = pageHtml(view.webview, extension, "credit");
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #handlers(): Parameters<typeof serve<CreditHostApi>>[1] {
    const { session, traces } = this.#parts;
    return {
      state: () => this.#state(),
      choose: (_, request) => this.#choose(request),
      compare: async ({ signal }) => {
        const { ref } = await traces.view(shownTrace().document.uri);
        const found = await session.withSignal(signal).compare(ref, session.request);
        return found.map((one) => ({ ...one, rank: orNull(one.rank), opposed: orNull(one.opposed) }));
      },
      identify: async ({ signal }) => {
        const { ref } = await traces.view(shownTrace().document.uri);
        return session.withSignal(signal).identify(ref);
      },
      reveal: (_, line) => reveal(line),
    };
  }

  async #state(): Promise<CreditPageState> {
    const { session, traces } = this.#parts;
    const method = methodNamed(session.request.method);
    const { preset, values } = resolveParameters(method, session.request.params);
    const { id, label, doc, status, level, params, presets } = method;
    const uri = traceEditor()?.document.uri;
    const lit = uri === undefined ? null : await traces.lit(uri).catch(() => null);
    return {
      method: { id, label, doc, status, level, params, presets },
      preset,
      values,
      lanes: lit === null ? [] : await session.store.lanes(lit.view.ref, session.request).catch(() => []),
      lane: session.request.lane ?? "credit",
      formula: method.formula(values as never).map(({ left, symbols }) => `${left} = ${symbols}`),
      choices: lit === null ? allMethods() : await session.store.methods(lit.view.ref),
      hasTrace: lit !== null,
      unavailable: lit?.credit.status === "unavailable" ? lit.credit.reason : null,
    };
  }

  /** One choice is used at a time, and only the latest of those that wait: a slider moves faster than credit is computed. */
  #choose(request: CreditRequest): Promise<void> {
    this.#wanted = request;
    this.#using ??= this.#useWanted().finally(() => {
      this.#using = null;
    });
    return this.#using;
  }

  async #useWanted(): Promise<void> {
    const { session, traces } = this.#parts;
    while (this.#wanted !== null) {
      const request = this.#wanted;
      this.#wanted = null;
      resolveParameters(methodNamed(request.method), request.params);
      await session.choose(request);
      const uri = traceEditor()?.document.uri;
      if (uri !== undefined) await traces.lit(uri).catch(() => null);
    }
  }
}

function methodNamed(id: string): AnyCreditMethod {
  const method = (creditMethods as unknown as readonly AnyCreditMethod[]).find((one) => one.id === id);
  if (method === undefined) throw new UserError("credit/method", `There is no credit method "${id}".`);
  return method;
}

function allMethods(): readonly MethodChoice[] {
  return creditMethods.map(({ id, label, doc, status }) => ({
    id,
    label,
    doc,
    status,
    available: true,
    reason: "",
  }));
}

function orNull(x: number): number | null {
  return Number.isNaN(x) ? null : x;
}

function traceEditor(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor !== undefined && isTrace(editor.document) ? editor : undefined;
}

function shownTrace(): vscode.TextEditor {
  const editor = traceEditor();
  if (editor !== undefined) return editor;
  throw new UserError("credit/trace", "Open a rollout first: methods are compared over what is shown.");
}

function reveal(line: number): void {
  const editor = shownTrace();
  const at = new vscode.Position(Math.min(line, editor.document.lineCount - 1), 0);
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
