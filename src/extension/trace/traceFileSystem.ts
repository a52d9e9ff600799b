import * as vscode from "vscode";
import { UserError } from "../../protocol/userError.ts";
import { traceScheme } from "../names.ts";
import type { Traces } from "./traces.ts";

/**
 * Traces as read-only files, so that their tabs return after a reload. Nothing is stored: the bytes are rendered
 * from the log each time.
 */
class TraceFileSystem implements vscode.FileSystemProvider {
  readonly #traces: Traces;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  #version = 1;

  constructor(traces: Traces) {
    this.#traces = traces;
    traces.onDidChangeText((uri) => {
      this.#version++;
      this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    });
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { length } = await this.readFile(uri);
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: this.#version,
      size: length,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    try {
      return new TextEncoder().encode((await this.#traces.view(uri)).text);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw vscode.FileSystemError.FileNotFound(`RewardLens: ${error.message}`);
    }
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw readOnly();
  }

  writeFile(): void {
    throw readOnly();
  }

  delete(): void {
    throw readOnly();
  }

  rename(): void {
    throw readOnly();
  }
}

function readOnly(): vscode.FileSystemError {
  return vscode.FileSystemError.NoPermissions("A trace is rendered from its log and cannot be changed.");
}

export function registerTraceFileSystem(traces: Traces): vscode.Disposable {
  return vscode.workspace.registerFileSystemProvider(traceScheme, new TraceFileSystem(traces), {
    isReadonly: new vscode.MarkdownString(
      "A trace is rendered from its log and cannot be changed. *Reveal in Log* shows the raw line.",
    ),
    isCaseSensitive: true,
  });
}
