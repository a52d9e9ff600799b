import type * as vscode from "vscode";
import type { Port } from "../protocol/rpc.ts";
import type { PageMessage } from "../protocol/webview.ts";

/**
 * The host's ends of the pipes to a webview: one for each page that is loaded in it, since a hidden panel's page is torn
 * down and another comes back. An answer bears the name of the page that asked, and other pages drop it.
 * @param onPage a page was loaded and asks for the first time
 */
export function pagePorts(webview: vscode.Webview, onPage: (port: Port) => void): vscode.Disposable {
  let current = "";
  let listeners: ((message: unknown) => void)[] = [];
  return webview.onDidReceiveMessage((raw: unknown) => {
    if (!isPageMessage(raw)) return;
    if (raw.page !== current) {
      const page = raw.page;
      const own: typeof listeners = [];
      current = page;
      listeners = own;
      onPage({
        post: (message) => void webview.postMessage({ page, message } satisfies PageMessage),
        onMessage: (listener) => void own.push(listener),
      });
    }
    for (const listener of listeners) listener(raw.message);
  });
}

function isPageMessage(raw: unknown): raw is PageMessage {
  const { page, message } = (raw ?? {}) as Partial<PageMessage>;
  return typeof page === "string" && typeof message === "object" && message !== null && "kind" in message;
}
