import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { Guard } from "../guard.ts";
import type { LineCompletion, SchemaService } from "./schemaService.ts";

/** Lines longer than this hold columns that no one writes by hand. */
const longestLine = 20_000;

/** Completes fields and values of `rewardlens/1` in JSON Lines files, from its JSON Schema. */
class SchemaCompletion implements vscode.CompletionItemProvider {
  readonly #context: vscode.ExtensionContext;
  readonly #guard: Guard;
  #service: Promise<SchemaService> | null = null;

  constructor(context: vscode.ExtensionContext, guard: Guard) {
    this.#context = context;
    this.#guard = guard;
  }

  provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[] | undefined> {
    return this.#guard.quiet("completion", async () => {
      const { text } = document.lineAt(position.line);
      if (text.length > longestLine || !isNative(document, position.line)) return undefined;
      const items = await (await this.#load()).complete(text, position.character);
      return items.map((item) => toItem(item, position.line));
    });
  }

  #load(): Promise<SchemaService> {
    return (this.#service ??= (async () => {
      const [{ SchemaService: Service }, text] = await Promise.all([
        import("./schemaService.ts"),
        readFile(this.#context.asAbsolutePath("schemas/rewardlens-1.schema.json"), "utf8"),
      ]);
      return new Service(JSON.parse(text));
    })());
  }
}

/** The line says so, or it is still without a schema in a file whose first line says so (or that is new). */
function isNative(document: vscode.TextDocument, line: number): boolean {
  const says = (text: string): boolean => text.slice(0, 2000).includes('"rewardlens/');
  const own = document.lineAt(line).text;
  if (says(own)) return true;
  return (
    !own.includes('"messages"') && !own.includes('"input"') && (line === 0 || says(document.lineAt(0).text))
  );
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

export function registerSchemaCompletion(context: vscode.ExtensionContext, guard: Guard): vscode.Disposable {
  const selector = [{ language: "jsonl" }, { pattern: "**/*.jsonl" }];
  return vscode.languages.registerCompletionItemProvider(
    selector,
    new SchemaCompletion(context, guard),
    '"',
    ":",
  );
}
