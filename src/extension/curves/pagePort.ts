import type * as vscode from "vscode";
import type { Port } from "../../protocol/rpc.ts";
import type { PageMessage } from "../../protocol/webview.ts";

/**
 * The host's end of the pipe to a webview. The page behind it changes (a hidden panel's page is torn down); answers
 * go out with the name of the page that asked last, and a page drops what bears another name.
 */
export function pagePort(webview: vscode.Webview): Port & vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  let page = "";
  return {
    post: (message) => void webview.postMessage({ page, message } satisfies PageMessage),
    onMessage(listener) {
      subscriptions.push(
        webview.onDidReceiveMessage((raw: unknown) => {
          if (!isPageMessage(raw)) return;
          page = raw.page;
          listener(raw.message);
        }),
      );
    },
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

function isPageMessage(raw: unknown): raw is PageMessage {
  const { page, message } = (raw ?? {}) as Partial<PageMessage>;
  return typeof page === "string" && typeof message === "object" && message !== null && "kind" in message;
}
