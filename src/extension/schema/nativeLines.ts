import { readFile } from "node:fs/promises";
import type * as vscode from "vscode";
import type { SchemaService } from "./schemaService.ts";

/** Lines longer than this hold columns that no one writes by hand. */
export const longestLine = 20_000;

/** Where native logs are written by hand. */
export const nativeFiles: vscode.DocumentSelector = [{ language: "jsonl" }, { pattern: "**/*.jsonl" }];

/** The schema's service, loaded when it is first needed. */
export class LazySchema {
  readonly #context: vscode.ExtensionContext;
  #service: Promise<SchemaService> | null = null;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
  }

  service(): Promise<SchemaService> {
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
export function isNative(document: vscode.TextDocument, line: number): boolean {
  const own = document.lineAt(line).text;
  if (saysNative(own)) return true;
  const isOther = own.includes('"messages"') || own.includes('"input"');
  return !isOther && (line === 0 || saysNative(document.lineAt(0).text));
}

export function saysNative(text: string): boolean {
  return text.slice(0, 2000).includes('"rewardlens/');
}
