import * as vscode from "vscode";
import type { Guard } from "../guard.ts";

export function registerSchemaCompletion(
  _context: vscode.ExtensionContext,
  _guard: Guard,
): vscode.Disposable {
  return new vscode.Disposable(() => {});
}
