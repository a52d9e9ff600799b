import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Folders a webview of ours may load from. */
export function resourceRoots(extension: vscode.Uri): readonly vscode.Uri[] {
  return [vscode.Uri.joinPath(extension, "dist", "webview"), vscode.Uri.joinPath(extension, "media")];
}

/** Pages of ours by the name of their bundle. */
const titles = { curves: "Training Curves", credit: "Credit" } as const;

/** The page of a webview: static, without data, and nothing in it that a policy would have to allow. */
export function pageHtml(webview: vscode.Webview, extension: vscode.Uri, page: keyof typeof titles): string {
  const address = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", "webview", name)).toString();
  const nonce = randomBytes(16).toString("base64url");
  // The toolkit tries out one empty style element, with the nonce of this meta element; all else is in style sheets.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource} 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address(`${page}.css`)}">
<title>${titles[page]}</title>
</head>
<body>
<script nonce="${nonce}" src="${address(`${page}.js`)}"></script>
</body>
</html>`;
}
