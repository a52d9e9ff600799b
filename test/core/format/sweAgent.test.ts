import { expect, test } from "vitest";
import { miniSweAgent } from "../../../src/core/format/formats/miniSweAgent.ts";
import { sweAgent } from "../../../src/core/format/formats/sweAgent.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { alone, headOfContent, issuesOf, memorySource, scanAll } from "./memorySource.ts";

const idOf = async (content: unknown, path = "x/a.json"): Promise<string | undefined> =>
  sniffFormat(await headOfContent(JSON.stringify(content, null, 2), path))?.id;

const user = { role: "user", content: "q" };
const answer = { role: "assistant", content: "a" };

test("SWE-agent's files are told from what else has a trajectory or a history", async () => {
  expect(await idOf({ trajectory: [], history: [] }, "a.traj")).toBe("sweAgent");
  expect(await idOf({ trajectory: [], info: {} })).toBe("sweAgent");
  expect(await idOf({ history: [{ ...user, message_type: "observation" }] })).toBe("sweAgent");
  expect(await idOf({ attempts: [{ trajectory: [] }] })).toBe("sweAgent");
  expect(await idOf({ history: [user] })).toBeUndefined();
  expect(await idOf({ trajectory: [] })).toBeUndefined();
  expect(await idOf({ trajectory: "x", history: [] })).toBeUndefined();
});

test("a list of chat messages is one rollout; lists of other things are not", async () => {
  expect(await idOf([user, answer], "chat.json")).toBe("miniSweAgent");
  expect(await idOf({ trajectory_format: "mini-swe-agent-2", messages: [user] })).toBe("miniSweAgent");
  expect(await idOf({ info: { mini_version: "1" }, messages: [user] })).toBe("miniSweAgent");
  expect(await idOf([{ messages: [user, answer] }])).toBe("chat");
  expect(await idOf({ messages: [user, answer] })).toBe("chat");
  const records = await scanAll(miniSweAgent, JSON.stringify([user, answer], null, 2), "chat.json");
  expect(
    records.map(({ locator, trajectories }) => [locator.from, trajectories.map(({ turns }) => turns.length)]),
  ).toEqual([[0, [2]]]);
});

test("a list that is cut off or damaged gives the messages that are whole, and says so", async () => {
  const text = JSON.stringify([user, answer, { role: "user", content: "more" }]);
  const [torn] = await scanAll(miniSweAgent, text.slice(0, -8), "a.traj.json");
  expect(torn!.trajectories[0]!.turns.map(({ content }) => content)).toEqual(["q", "a"]);
  expect(issuesOf([torn!])).toEqual(["torn-line:1"]);
  const [damaged] = await scanAll(
    miniSweAgent,
    '[{"role":"user","content":"q"},7,{"role":"user"},{"content":NaN}]',
    "a.traj.json",
  );
  expect(damaged!.trajectories[0]!.turns.map(({ role }) => role)).toEqual(["user", "user", "unknown"]);
  expect(issuesOf([damaged!])).toEqual(["bad-json:1", "non-finite:1"]);
});

test("a list of several mini-SWE-agent documents is several rollouts", async () => {
  const document = { trajectory_format: "mini-swe-agent-1.1", messages: [user, answer] };
  const content = JSON.stringify([document, document]);
  const records = await scanAll(miniSweAgent, content, "all.json");
  expect(records.length).toBe(2);
  const locators = records.map(({ locator }) => locator);
  expect(await miniSweAgent.load(memorySource(content), alone("all.json"), locators)).toEqual(records);
});

test("steps find their answers among the next few, and none is taken for another", async () => {
  const step = (response: string): object => ({
    response,
    observation: `of ${response}`,
    execution_time: response.length,
  });
  const record = {
    history: [
      user,
      { role: "assistant", content: "bad" },
      user,
      answer,
      user,
      { role: "assistant", content: "abc" },
    ],
    trajectory: [step("a"), step("lost"), step("abc")],
  };
  const [one] = (await scanAll(sweAgent, JSON.stringify(record), "i.traj"))[0]!.trajectories;
  expect(one!.turns.map(({ role, content, extra }) => [role, content, extra.get("execution_time")])).toEqual([
    ["user", "q", undefined],
    ["assistant", "bad", undefined],
    ["user", "q", undefined],
    ["assistant", "a", 1],
    ["user", "q", undefined],
    ["assistant", "abc", 3],
    ["tool", "of abc", undefined],
  ]);
});

test("without a history the first answer's query comes before the steps, and is not the policy's", async () => {
  const record = {
    info: { exit_status: "exit_context" },
    trajectory: [{ query: [user, answer], response: "x", action: "ls", observation: "o" }],
  };
  const [one] = (await scanAll(sweAgent, JSON.stringify(record), "i.traj"))[0]!.trajectories;
  expect(one!.turns.map(({ role, content, trainable }) => [role, content, trainable])).toEqual([
    ["user", "q", false],
    ["assistant", "a", false],
    ["assistant", "x", true],
    ["tool", "o", false],
  ]);
  expect(one!.truncated).toBe(true);
});

test("wrong types and hostile keys are reported or harmless", async () => {
  const text = `{"trajectory":[1,{"response":3,"state":"${"[".repeat(5000)}"}],"history":[],"info":7,"__proto__":{"x":1}}`;
  const records = await scanAll(sweAgent, text, "i.traj");
  expect(records[0]!.trajectories[0]!.turns.length).toBe(0);
  expect(issuesOf(records)).toEqual(["bad-field:1", "bad-field:1"]);
  const attempts = await scanAll(sweAgent, JSON.stringify({ attempts: [{ trajectory: [] }, 5] }), "log.json");
  expect(attempts[0]!.trajectories.map(({ id, groupSource }) => [id, groupSource])).toEqual([
    ["L1#0", "line"],
  ]);
  expect(issuesOf(attempts)).toEqual(["bad-field:1"]);
});
