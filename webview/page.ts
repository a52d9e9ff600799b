import { connect, type Connection, type Port } from "../src/protocol/rpc.ts";
import type { PageMessage } from "../src/protocol/webview.ts";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

// May be asked for only once a page.
const vscode = acquireVsCodeApi();

/** What the page kept the last time, hidden or before a reload. */
export function keptState(): unknown {
  return vscode.getState();
}

export function keepState(state: unknown): void {
  vscode.setState(state);
}

/** What the host answers (`A`) and what it tells without being asked (`E`). */
export interface Host<A extends object, E extends object> {
  readonly api: Connection<A>["api"];
  on<K extends keyof E & string>(name: K, listener: (value: E[K]) => void): void;
}

/** The other side of the page: what it answers and what it tells. */
export function connectHost<A extends object, E extends object>(): Host<A, E> {
  const host = connect<A>(pagePort());
  return { api: host.api, on: (name, listener) => host.on(name, (value) => listener(value as never)) };
}

/** Takes only what was meant for this page: one that was hidden before may have asked for something too. */
function pagePort(): Port {
  const page = crypto.randomUUID();
  return {
    post: (message) => vscode.postMessage({ page, message } satisfies PageMessage),
    onMessage: (listener) =>
      window.addEventListener("message", ({ data }: MessageEvent<Partial<PageMessage> | null>) => {
        if (data?.page === page) listener(data.message);
      }),
  };
}
