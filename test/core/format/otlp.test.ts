import { describe, expect, test } from "vitest";
import { otlp } from "../../../src/core/format/formats/otlp.ts";
import { nanosOf, secondsOf } from "../../../src/core/format/otlp/attributes.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, idsOf, issuesOf, scanAll } from "./memorySource.ts";

type Json = Record<string, unknown>;

const attributes = (values: Json): unknown =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { doubleValue: value } : { stringValue: value },
  }));

interface SpanOf {
  readonly id: string;
  readonly parent?: string;
  readonly at?: number;
  readonly trace?: string;
  readonly values: Json;
  readonly events?: readonly unknown[];
}

const span = ({ id, parent, at = 0, trace = "t", values, events = [] }: SpanOf): Json => ({
  traceId: trace,
  spanId: id,
  ...(parent === undefined ? {} : { parentSpanId: parent }),
  name: id,
  startTimeUnixNano: `${1_000_000_000 + at}`,
  endTimeUnixNano: `${1_000_000_001 + at}`,
  attributes: attributes(values),
  events,
});

const chat = (more: Omit<SpanOf, "values">, input: readonly Json[], output: readonly Json[]): Json =>
  span({
    ...more,
    values: {
      "gen_ai.operation.name": "chat",
      "gen_ai.input.messages": JSON.stringify(input),
      "gen_ai.output.messages": JSON.stringify(output),
    },
  });

const say = (role: string, content: string): Json => ({ role, parts: [{ type: "text", content }] });

async function read(...spans: readonly Json[]): Promise<Trajectory> {
  const record = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
  const records = await scanAll(otlp, JSON.stringify(record));
  expect(issuesOf(records)).toEqual([]);
  return records[0]!.trajectories[0]!;
}

const shape = ({ turns }: Trajectory): unknown =>
  turns.map(({ role, content, parent }) => [role, content, parent]);

test("a trace without any call of a model is a trace and no rollout", async () => {
  const record = {
    resourceSpans: [{ scopeSpans: [{ spans: [span({ id: "s", values: { "http.route": "/" } })] }] }],
  };
  for (const text of [JSON.stringify(record), JSON.stringify(record, null, 2), '{"resourceSpans": []}']) {
    expect(sniffFormat(await headOfContent(text, "trace.json"))?.id).toBe("otlp");
    const records = await scanAll(otlp, text);
    expect([idsOf(records), issuesOf(records)]).toEqual([[], []]);
  }
});

test("spans stand in the order of time, whatever the order of the log", async () => {
  const [q, a, r, b] = [say("user", "q"), say("assistant", "a"), say("user", "r"), say("assistant", "b")];
  const one = await read(chat({ id: "2", at: 5 }, [q, a, r], [b]), chat({ id: "1", at: 1 }, [q], [a]));
  expect(shape(one)).toEqual([
    ["user", "q", -1],
    ["assistant", "a", 0],
    ["user", "r", 1],
    ["assistant", "b", 2],
  ]);
});

test("a prompt that was changed in the middle goes on from where it still is the same", async () => {
  const [q, a, r] = [say("user", "q"), say("assistant", "a"), say("user", "r")];
  const one = await read(
    chat({ id: "1", at: 1 }, [q], [a]),
    chat({ id: "2", at: 2 }, [q, say("assistant", "edited"), r], [say("assistant", "b")]),
  );
  expect(shape(one)).toEqual([
    ["user", "q", -1],
    ["assistant", "a", 0],
    ["assistant", "edited", 0],
    ["user", "r", 2],
    ["assistant", "b", 3],
  ]);
  expect(one.turns.map(({ trainable }) => trainable)).toEqual([false, true, false, false, true]);
});

test("each agent has a conversation of its own", async () => {
  const agent = (id: string): Json =>
    span({ id, values: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": `agent ${id}` } });
  const [q, a, r] = [say("user", "q"), say("assistant", "a"), say("user", "r")];
  const one = await read(
    agent("x"),
    agent("y"),
    chat({ id: "1", parent: "x", at: 1 }, [q], [a]),
    chat({ id: "2", parent: "y", at: 2 }, [q], [say("assistant", "b")]),
    chat({ id: "3", parent: "x", at: 3 }, [q, a, r], [say("assistant", "c")]),
  );
  expect(shape(one)).toEqual([
    ["user", "q", -1],
    ["assistant", "a", 0],
    ["user", "q", -1],
    ["assistant", "b", 2],
    ["user", "r", 1],
    ["assistant", "c", 4],
  ]);
  expect(one.turns.map(({ agent: name }) => name)).toEqual([
    null,
    "agent x",
    null,
    "agent y",
    null,
    "agent x",
  ]);
});

test("a tool has a turn where no prompt holds its result, and only there", async () => {
  const tool = (id: string): Json =>
    span({
      id: `tool ${id}`,
      at: 2,
      values: {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "mul",
        "gen_ai.tool.call.id": id,
        "gen_ai.tool.call.result": "84",
      },
    });
  const result = { role: "tool", parts: [{ type: "tool_call_response", id: "c1", result: { x: 84 } }] };
  const one = await read(
    tool("c1"),
    tool("c2"),
    chat({ id: "1", at: 3 }, [say("user", "q"), result], [say("assistant", "a")]),
  );
  expect(one.turns.map(({ role, content, toolCallId }) => [role, content, toolCallId])).toEqual([
    ["tool", "84", "c2"],
    ["user", "q", null],
    ["tool", '{"x":84}', "c1"],
    ["assistant", "a", null],
  ]);
});

test("spans that are their own ancestors, and traces without ids, are read", async () => {
  const loop = chat({ id: "1", parent: "2" }, [say("user", "q")], [say("assistant", "a")]);
  expect((await read(loop, span({ id: "2", parent: "1", values: {} }))).turns).toHaveLength(2);
  const { traceId: _, ...nameless } = loop;
  const one = await read(nameless);
  expect([one.id, one.idLogged]).toEqual(["L1", false]);
});

describe("scores", () => {
  const score = (name: string, value: number): unknown => ({
    name: "gen_ai.evaluation.result",
    attributes: attributes({ "gen_ai.evaluation.name": name, "gen_ai.evaluation.score.value": value }),
  });
  const scored = (...events: readonly unknown[]): Promise<Trajectory> =>
    read({ ...chat({ id: "1" }, [], [say("assistant", "a")]), events });

  test("one is the reward; of several only one of that name is", async () => {
    expect((await scored(score("correct", 0.5))).reward).toBe(0.5);
    expect((await scored(score("a", 1), score("b", 0))).reward).toBeNaN();
    expect((await scored(score("a", 1), score("reward", 0.25))).reward).toBe(0.25);
    expect((await scored()).reward).toBeNaN();
  });

  test("several of one name are all kept", async () => {
    const { rewards } = await scored(score("a", 1), score("a", 2), score("a", 3));
    expect([...rewards]).toEqual([
      ["a", 1],
      ["a#2", 2],
      ["a#3", 3],
    ]);
  });
});

test("nanoseconds are the float64 seconds that are nearest, and zero is no time", () => {
  expect(secondsOf(nanosOf("1760000000123456789"))).toBe(1760000000.1234567);
  expect(secondsOf(nanosOf("5"))).toBe(5e-9);
  expect([nanosOf("0"), nanosOf("-1"), nanosOf("1e3"), nanosOf(null), nanosOf(1e19)]).toEqual(
    Array(5).fill(null),
  );
  expect(secondsOf(null)).toBeNaN();
});
