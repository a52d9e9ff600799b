import * as vscode from "vscode";

/** Icon of the panel's tab: two curves, in the colours of icons on light and dark themes. */
export const tabIcon = { light: drawn("#3b3b3b"), dark: drawn("#cccccc") };

function drawn(color: string): vscode.Uri {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="${color}"` +
    ` stroke-linecap="round" stroke-linejoin="round"><path d="M2.5 2v11.5H14M4.5 11c2-6 4-7 9-7.5M4.5 6.5c3 0 5 4 9 4"/></svg>`;
  return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
}
