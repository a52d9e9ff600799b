import { expect, test } from "vitest";
import { connect, type Port, serve } from "../../src/protocol/rpc.ts";
import { UserError } from "../../src/protocol/userError.ts";

interface Calculator {
  add(a: number, b: number): Promise<number>;
  fail(expected: boolean): Promise<void>;
  wait(): Promise<string>;
  column(values: Float64Array): Promise<Float64Array>;
}

/** Two ends in memory that clone what crosses, as a worker does. */
function pipe(): [Port, Port] {
  const listeners: ((message: unknown) => void)[] = [];
  const end = (mine: number): Port => ({
    post: (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => listeners[1 - mine]!(copy));
    },
    onMessage: (listener) => void (listeners[mine] = listener),
  });
  return [end(0), end(1)];
}

function calculator(): {
  client: ReturnType<typeof connect<Calculator>>;
  server: { emit(name: string, value: unknown): void };
} {
  const [a, b] = pipe();
  const server = serve<Calculator>(b, {
    add: (_, x, y) => x + y,
    fail: (_, expected) => {
      throw expected ? new UserError("no/such", "Pick another.") : new TypeError("bug");
    },
    wait: ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve("aborted"));
      }),
    column: (_, values) => values.map((x) => 2 * x),
  });
  return { client: connect<Calculator>(a), server };
}

test("a call crosses with its arguments and comes back with its value, typed arrays as they are", async () => {
  const { client } = calculator();
  expect(await client.api.add(2, 3)).toBe(5);
  expect(await client.api.column(new Float64Array([1, NaN]))).toEqual(new Float64Array([2, NaN]));
});

test("an expected error keeps its code and message, a bug crosses as an ordinary error", async () => {
  const { client } = calculator();
  const expected = await client.api.fail(true).catch((error: unknown) => error);
  expect(expected).toBeInstanceOf(UserError);
  expect(expected).toMatchObject({ code: "no/such", message: "Pick another." });
  const bug = await client.api.fail(false).catch((error: unknown) => error);
  expect(bug).not.toBeInstanceOf(UserError);
  expect(String(bug)).toContain("bug");
});

test("a cancelled call rejects at once and the other side hears of it", async () => {
  const { client } = calculator();
  const controller = new AbortController();
  const call = client.withSignal(controller.signal).wait();
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: "cancelled" });
});

test("closing rejects what is pending and what comes later", async () => {
  const { client } = calculator();
  const call = client.api.wait();
  client.close(new UserError("gone", "The other side is gone."));
  await expect(call).rejects.toMatchObject({ code: "gone" });
  await expect(client.api.add(1, 1)).rejects.toMatchObject({ code: "gone" });
});

test("events arrive at every listener", async () => {
  const { client, server } = calculator();
  const heard: unknown[] = [];
  client.on("progress", (value) => heard.push(value));
  client.on("progress", (value) => heard.push(value));
  server.emit("progress", { done: 1 });
  await client.api.add(0, 0);
  expect(heard).toEqual([{ done: 1 }, { done: 1 }]);
});

test("a function the other side does not have is an error, also for names of the prototype", async () => {
  const { client } = calculator();
  const odd = client.api as unknown as Record<string, () => Promise<unknown>>;
  await expect(odd["constructor"]!()).rejects.toThrow("no function");
});
