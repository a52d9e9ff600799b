import { UserError } from "./userError.ts";

/** One end of a pipe that carries structured clones: a worker, a child process or a webview. */
export interface Port {
  post(message: unknown): void;
  /** Called once; messages that came before are delivered too. */
  onMessage(listener: (message: unknown) => void): void;
}

/** Functions one side offers to the other. */
export type Api<T> = {
  readonly [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? T[K] : never;
};

/** What a handler gets beside its arguments: tells when the caller gave up. */
export interface CallContext {
  readonly signal: AbortSignal;
}

type Handlers<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R>
    ? (context: CallContext, ...args: A) => Promise<R> | R
    : never;
};

interface Call {
  readonly kind: "call";
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}
interface Cancel {
  readonly kind: "cancel";
  readonly id: number;
}
interface Result {
  readonly kind: "result";
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly expected: boolean };
}
interface Event {
  readonly kind: "event";
  readonly name: string;
  readonly value: unknown;
}
type Message = Call | Cancel | Result | Event;

/** Answers calls on a port. Errors cross as code and message; a UserError stays one. */
export function serve<T extends object>(
  port: Port,
  handlers: Handlers<T>,
): { emit(name: string, value: unknown): void } {
  const running = new Map<number, AbortController>();
  const table = handlers as Record<string, (context: CallContext, ...args: readonly unknown[]) => unknown>;
  port.onMessage((raw) => {
    const message = raw as Message;
    if (message.kind === "cancel") running.get(message.id)?.abort();
    if (message.kind === "call") void answer(message);
  });
  async function answer({ id, name, args }: Call): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handler = Object.hasOwn(table, name) ? table[name] : undefined;
      if (handler === undefined) throw new Error(`no function "${name}" on the other side`);
      const value = await handler({ signal: controller.signal }, ...args);
      port.post({ kind: "result", id, value } satisfies Result);
    } catch (error) {
      port.post({ kind: "result", id, error: toWire(error) } satisfies Result);
    } finally {
      running.delete(id);
    }
  }
  return { emit: (name, value) => port.post({ kind: "event", name, value } satisfies Event) };
}

function toWire(error: unknown): NonNullable<Result["error"]> {
  if (error instanceof UserError) return { code: error.code, message: error.message, expected: true };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", message, expected: false };
}

export interface Connection<T extends object> {
  readonly api: Api<T>;
  /** Same functions, with a signal that cancels the call on the other side. */
  withSignal(signal: AbortSignal): Api<T>;
  on(name: string, listener: (value: unknown) => void): void;
  /** Rejects all that is pending and all that comes later. */
  close(reason: Error): void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Calls the other side of a port as if its functions were here. */
export function connect<T extends object>(port: Port): Connection<T> {
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, ((value: unknown) => void)[]>();
  let next = 0;
  let closed: Error | null = null;
  port.onMessage((raw) => {
    const message = raw as Message;
    if (message.kind === "event")
      for (const listener of listeners.get(message.name) ?? []) listener(message.value);
    if (message.kind !== "result") return;
    const call = pending.get(message.id);
    pending.delete(message.id);
    if (message.error === undefined) call?.resolve(message.value);
    else call?.reject(fromWire(message.error));
  });
  function call(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    if (closed !== null) return Promise.reject(closed);
    if (signal?.aborted === true) return Promise.reject(new UserError("cancelled", "Cancelled"));
    const id = next++;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        if (!pending.delete(id)) return;
        port.post({ kind: "cancel", id } satisfies Cancel);
        reject(new UserError("cancelled", "Cancelled"));
      };
      // One signal may serve thousands of calls: those that are answered let go of it.
      const settled = (): void => signal?.removeEventListener("abort", giveUp);
      pending.set(id, {
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      signal?.addEventListener("abort", giveUp);
      port.post({ kind: "call", id, name, args } satisfies Call);
    });
  }
  const proxy = (signal?: AbortSignal): Api<T> =>
    new Proxy(Object.create(null) as Api<T>, {
      get: (_, name) =>
        typeof name === "string" && name !== "then"
          ? (...args: unknown[]) => call(name, args, signal)
          : undefined,
    });
  return {
    api: proxy(),
    withSignal: proxy,
    on: (name, listener) => void listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    close(reason) {
      closed = reason;
      for (const call of pending.values()) call.reject(reason);
      pending.clear();
    },
  };
}

function fromWire(error: NonNullable<Result["error"]>): Error {
  if (error.expected) return new UserError(error.code, error.message);
  return new Error(error.message);
}
