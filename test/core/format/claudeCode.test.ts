import { expect, test } from "vitest";
import { claudeCode } from "../../../src/core/format/formats/claudeCode.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { ScannedRecord } from "../../../src/core/format/format.ts";
import { headOfContent, idsOf, issuesOf, scanAll } from "./memorySource.ts";

type Json = Record<string, unknown>;

function event(uuid: string, parentUuid: string | null, more: Json = {}): Json {
  const message = { role: more["type"] ?? "user", content: `text ${uuid}` };
  return { uuid, parentUuid, isSidechain: false, sessionId: "s", type: "user", message, ...more };
}

const lines = (...events: readonly unknown[]): string =>
  events.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n");

const read = (...events: readonly unknown[]): Promise<readonly ScannedRecord[]> =>
  scanAll(claudeCode, lines(...events));

async function texts(...events: readonly unknown[]): Promise<Json> {
  const all = (await read(...events)).flatMap(({ trajectories }) => trajectories);
  return Object.fromEntries(
    all.map(({ id, turns }) => [id, turns.map(({ content }) => content.replace("text ", ""))]),
  );
}

test("the main chain leads to the last event; a branch that was left is a leaf with all before it", async () => {
  expect(
    await texts(event("a", null), event("b", "a"), event("c", "b"), event("d", "a"), event("e", "d")),
  ).toEqual({ s: ["a", "d", "e"], "s#c": ["a", "b", "c"] });
});

test("two leaves of a branch share its events", async () => {
  const branch = [event("b", "a"), event("c", "b"), event("d", "b")];
  expect(await texts(event("a", null), ...branch, event("e", "a"))).toEqual({
    s: ["a", "e"],
    "s#c": ["a", "b", "c"],
    "s#d": ["a", "b", "d"],
  });
});

test("a line that is damaged breaks no chain, and is named", async () => {
  const records = await read(event("a", null), '{"uuid": "b", ', event("c", "b"));
  expect(idsOf(records)).toEqual(["s"]);
  expect(records[0]!.trajectories[0]!.turns).toHaveLength(2);
  expect(issuesOf(records)).toEqual(["bad-json:2"]);
});

test("events that follow themselves or each other come to an end", async () => {
  expect(await texts(event("a", "a"), event("b", "c"), event("c", "b"))).toEqual({ s: ["a", "b", "c"] });
});

test("results of calls that ran side by side are all told", async () => {
  const call = (id: string): Json => ({ type: "tool_use", id, name: "f", input: { id } });
  const answer = (uuid: string, parent: string, block: Json): Json =>
    event(uuid, parent, { type: "assistant", message: { id: "m", role: "assistant", content: [block] } });
  const result = (uuid: string, parent: string, id: string): Json =>
    event(uuid, parent, {
      message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: id }] },
    });
  const records = await read(
    event("q", null),
    answer("a1", "q", call("t1")),
    answer("a2", "a1", call("t2")),
    result("r1", "a1", "t1"),
    result("r2", "a2", "t2"),
    event("n", "r2"),
  );
  expect(idsOf(records)).toEqual(["s"]);
  const { turns } = records[0]!.trajectories[0]!;
  expect(turns.map(({ role, toolCallId }) => [role, toolCallId])).toEqual([
    ["user", null],
    ["assistant", null],
    ["tool", "t1"],
    ["tool", "t2"],
    ["user", null],
  ]);
  expect(turns[1]!.toolCalls.map(({ id, arguments: args }) => [id, args])).toEqual([
    ["t1", '{"id":"t1"}'],
    ["t2", '{"id":"t2"}'],
  ]);
});

test("sidechains are trajectories of their own, each by its beginning", async () => {
  const side = { isSidechain: true };
  expect(
    await texts(
      event("a", null),
      event("x", null, side),
      event("b", "a"),
      event("y", null, side),
      event("z", "x", side),
    ),
  ).toEqual({ s: ["a", "b"], "s#sidechain": ["x", "z"], "s#sidechain.2": ["y"] });
});

test("one file is one record, read again as a whole", async () => {
  const content = lines(event("a", null), event("b", "a"));
  const records = await scanAll(claudeCode, content);
  expect(records.map(({ locator }) => locator)).toEqual([{ from: 0, to: content.length, line: 1 }]);
});

test("a session of very many branches shows what it can and says so", async () => {
  const trunk = Array.from({ length: 3000 }, (_, i) => event(`t${i}`, i === 0 ? null : `t${i - 1}`));
  const leaves = trunk.map((_, i) => event(`l${i}`, `t${i}`));
  const records = await read(...trunk, ...leaves);
  const { length } = records[0]!.trajectories;
  expect(length).toBeGreaterThan(100);
  expect(length).toBeLessThan(2000);
  expect(records[0]!.issues.map(({ message }) => message)).toEqual([
    expect.stringContaining("branches of this session are left out"),
  ]);
});

test("a session may begin with a summary or a snapshot; other logs do not", async () => {
  const id = async (record: unknown): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(record)))?.id;
  expect(await id(event("a", null))).toBe("claudeCode");
  expect(await id({ type: "summary", summary: "x", leafUuid: "y" })).toBe("claudeCode");
  expect(await id({ type: "file-history-snapshot", messageId: "x", snapshot: {} })).toBe("claudeCode");
  expect(await id({ type: "summary", summary: "x" })).toBeUndefined();
  expect(await id({ uuid: "a", parentUuid: null, type: "user" })).toBeUndefined();
});
