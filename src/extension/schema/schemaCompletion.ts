import * as vscode from "vscode";
import type { Guard } from "../guard.ts";
import { isNative, type LazySchema, longestLine, nativeFiles } from "./nativeLines.ts";
import type { LineCompletion } from "./schemaService.ts";

/** Completes fields and values of `rewardlens/1` in JSON Lines files, from its JSON Schema. */
class SchemaCompletion implements vscode.CompletionItemProvider {
  readonly #schema: LazySchema;
  readonly #guard: Guard;

  constructor(schema: LazySchema, guard: Guard) {
    this.#schema = schema;
    this.#guard = guard;
  }

  provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[] | undefined> {
    return this.#guard.quiet("completion", async () => {
      const { text } = document.lineAt(position.line);
      if (text.length > longestLine || !isNative(document, position.line)) return undefined;
      const items = await (await this.#schema.service()).complete(text, position.character);
      return items.map((item) => toItem(item, position.line));
    });
  }
}

function toItem(
  { label, doc, insert, isSnippet, from, to }: LineCompletion,
  line: number,
): vscode.CompletionItem {
  const item = new vscode.CompletionItem(label, vscode.CompletionItemKind.Property);
  item.documentation = doc;
  item.insertText = isSnippet ? new vscode.SnippetString(insert) : insert;
  item.range = new vscode.Range(line, from, line, to);
  item.filterText = label.startsWith('"') ? label : `"${label}"`;
  return item;
}

export function registerSchemaCompletion(schema: LazySchema, guard: Guard): vscode.Disposable {
  const provider = new SchemaCompletion(schema, guard);
  return vscode.languages.registerCompletionItemProvider(nativeFiles, provider, '"', ":");
}
