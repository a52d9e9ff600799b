import { expect, test } from "vitest";
import { openHands } from "../../../src/core/format/formats/openHands.ts";
import type { Nearby, ScannedRecord } from "../../../src/core/format/format.ts";
import { branchesOf } from "../../../src/core/format/openHands/branches.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, issuesOf, memorySource, scanAll } from "./memorySource.ts";

const state = { id: "c-1", agent: { llm: { model: "m" } }, execution_status: "error" };

/** The conversation of these events, each in a file of its own. */
async function conversation(events: readonly unknown[], more: object = {}): Promise<ScannedRecord> {
  const texts = new Map(
    events.map((event, i) => [
      `event-${String(i).padStart(5, "0")}-0000-0000.json`,
      typeof event === "string" ? event : JSON.stringify(event),
    ]),
  );
  const near: Nearby = {
    open: (path) => {
      const text = texts.get(path.replace("events/", ""));
      return Promise.resolve(text === undefined ? null : memorySource(text));
    },
    list: () => Promise.resolve([...texts.keys(), "lock", "event-1.json"]),
  };
  const source = memorySource(JSON.stringify({ ...state, ...more }, null, 2));
  for await (const record of openHands.scan(source, { path: "c/base_state.json", near }, {})) return record;
  throw new Error("no record");
}

const action = (id: string, response: string, more: object = {}): object => ({
  kind: "ActionEvent",
  id,
  source: "agent",
  thought: [{ type: "text", text: id }],
  tool_name: "t",
  tool_call_id: `call ${id}`,
  tool_call: { arguments: "{}" },
  llm_response_id: response,
  ...more,
});
const tokens = (prompt: readonly number[], response: readonly number[]): object => ({
  kind: "TokenEvent",
  source: "agent",
  prompt_token_ids: prompt,
  response_token_ids: response,
});
const idsOf = ({ turns }: Trajectory): readonly unknown[] =>
  turns.map(({ tokens: of }) => of && [...of.ids!]);

test("exports, evaluations and conversations are told from neighbours", async () => {
  const idOf = async (content: unknown, path = "x.json"): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(content, null, 1), path))?.id;
  expect(await idOf([{ source: "user", action: "message" }])).toBe("openHands");
  expect(await idOf([{ source: "agent", observation: "run" }])).toBe("openHands");
  expect(await idOf({ instance_id: "i", history: [], test_result: {} })).toBe("openHands");
  expect(await idOf(state, "c/base_state.json")).toBe("openHands");
  expect(await idOf(state, "c/state.json")).toBeUndefined();
  expect(await idOf([{ source: "user", text: "x" }])).toBeUndefined();
  expect(await idOf({ instance_id: "i", history: [] })).toBeUndefined();
});

test("token ids lie on the answer they follow, however many calls and results stand between", async () => {
  const { trajectories } = await conversation([
    action("a", "r1"),
    action("b", "r1"),
    {
      kind: "ObservationEvent",
      source: "environment",
      tool_name: "t",
      tool_call_id: "call a",
      observation: { content: [] },
    },
    tokens([1], [2, 3]),
    action("c", "r2"),
    tokens([1, 2, 3, 4], [5]),
  ]);
  const [one] = trajectories;
  expect(one!.turns.map(({ role, toolCalls }) => [role, toolCalls.length])).toEqual([
    ["assistant", 2],
    ["tool", 0],
    ["assistant", 1],
  ]);
  expect(one!.turns[0]!.content).toBe("ab");
  expect(idsOf(one!)).toEqual([[1, 2, 3], [4], [5]]);
  expect([...one!.turns[0]!.tokens!.mask]).toEqual([0, 1, 1]);
});

test("a critic's score is the value of the whole turn", async () => {
  const { trajectories } = await conversation([
    action("first", "r1", { critic_result: { score: 0.5, message: "m" } }),
    action("none", "r2"),
    action("odd", "r3", { critic_result: { score: "high" } }),
  ]);
  const steps = trajectories[0]!.turns.map(({ steps: of }) => [
    of.n,
    ...of.start,
    ...of.end,
    ...(of.columns.get("value") ?? []),
  ]);
  expect(steps).toEqual([[1, 0, 5, 0.5], [0], [0]]);
});

test("a conversation that was gone back in has a trajectory for each end", async () => {
  const { trajectories } = await conversation([
    action("root", "r1", { parent_id: null }),
    action("left", "r2", { parent_id: "root" }),
    action("left end", "r3"),
    action("right", "r4", { parent_id: "root" }),
    action("elsewhere", "r5", { parent_id: "__root__" }),
  ]);
  expect(trajectories.map(({ id, turns }) => [id, turns.map(({ content }) => content)])).toEqual([
    ["c-1#elsewhere", ["elsewhere"]],
    ["c-1#right", ["root", "right"]],
    ["c-1#left end", ["root", "left", "left end"]],
  ]);
});

test("events that name each other or themselves do not go round", () => {
  const branches = branchesOf([
    { id: "a", parent_id: "b" },
    { id: "b", parent_id: "a" },
    { id: "c", parent_id: "c" },
  ]);
  expect(branches.map(({ leaf, events }) => [leaf, events.length])).toEqual([[null, 3]]);
  expect(branchesOf([])).toEqual([]);
  const fan = Array.from({ length: 5000 }, (_, i) => ({ id: `${i}`, parent_id: "__root__" }));
  expect(branchesOf(fan).length).toBe(100);
});

test("damaged events are named, unknown kinds kept, an end by iterations is a cut", async () => {
  const record = await conversation([
    "not json",
    '{"kind":"Mes',
    { kind: "openhands.sdk.event.SomethingNew", source: "environment", detail: 3 },
    { kind: "ConversationErrorEvent", source: "environment", code: "MaxIterationsReached", detail: "500" },
    { kind: "MessageEvent", source: "agent", llm_message: 5 },
    tokens([], ["x"] as unknown as number[]),
  ]);
  const [one] = record.trajectories;
  expect(one!.turns.map(({ role, name }) => [role, name])).toEqual([
    ["environment", "SomethingNew"],
    ["unknown", null],
  ]);
  expect(one!.turns[0]!.extra.get("detail")).toBe(3);
  expect(one!.truncated).toBe(true);
  expect(one!.metadata).toMatchObject({ model: "m", errors: [{ code: "MaxIterationsReached" }] });
  expect(issuesOf([record]).length).toBeGreaterThanOrEqual(3);
});

test("a conversation without events is an empty rollout", async () => {
  const records = await scanAll(
    openHands,
    JSON.stringify({ ...state, execution_status: "finished" }, null, 2),
    "c/base_state.json",
  );
  expect(records[0]!.trajectories).toMatchObject([{ id: "c-1", turns: [], truncated: false }]);
});

test("an export that is still written gives the events that are whole", async () => {
  const text = JSON.stringify([
    { source: "user", action: "message", args: { content: "q" } },
    { source: "agent", action: "think", args: { thought: "t" } },
  ]);
  const [record] = await scanAll(openHands, text.slice(0, -9), "x.json");
  expect(record!.trajectories[0]!.turns.map(({ content }) => content)).toEqual(["q"]);
  expect(issuesOf([record!])).toEqual(["torn-line:1"]);
});

test("times without a zone are the same on every machine", async () => {
  const event = (timestamp: unknown): object => ({
    source: "user",
    action: "message",
    args: { content: "q" },
    timestamp,
  });
  const stamps = [
    "2026-08-22T10:00:00.5",
    "2026-08-22T10:00:00.5Z",
    "2026-08-22T12:00:00.5+02:00",
    "soon",
    7,
  ];
  const [record] = await scanAll(openHands, JSON.stringify(stamps.map(event)), "x.json");
  const second = Date.UTC(2026, 7, 22, 10) / 1000 + 0.5;
  expect(record!.trajectories[0]!.turns.map(({ time }) => time)).toEqual([second, second, second, NaN, NaN]);
});
