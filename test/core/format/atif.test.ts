import { expect, test } from "vitest";
import { atif, partOfTrial } from "../../../src/core/format/formats/atif.ts";
import { harbor } from "../../../src/core/format/formats/harbor.ts";
import type { Format, Nearby, ScannedRecord } from "../../../src/core/format/format.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { headOfContent, issuesOf, memorySource, scanAll } from "./memorySource.ts";

const agent = { name: "a", version: "1" };
const document = (steps: readonly unknown[], more: object = {}): object => ({
  schema_version: "ATIF-v1.7",
  trajectory_id: "t",
  agent,
  steps,
  ...more,
});
const say = (message: string, metrics?: object): object => ({
  source: "agent",
  message,
  ...(metrics === undefined ? {} : { metrics }),
});
const trial = (more: object = {}): object => ({
  task_name: "sum",
  trial_name: "sum__1",
  verifier_result: { rewards: { reward: 1 } },
  ...more,
});

/** Reads a file with those beside it, by their paths relative to it. */
async function read(
  format: Format,
  path: string,
  content: unknown,
  beside: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly records: readonly ScannedRecord[]; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const name = path.slice(path.lastIndexOf("/") + 1);
  const near: Nearby = {
    open(wanted) {
      asked.push(wanted);
      const found = wanted === name ? content : Object.hasOwn(beside, wanted) ? beside[wanted] : undefined;
      return Promise.resolve(found === undefined ? null : memorySource(text(found)));
    },
    list: () => Promise.resolve([]),
  };
  const records: ScannedRecord[] = [];
  for await (const record of format.scan(memorySource(text(content)), { path, near }, {}))
    records.push(record);
  return { records, asked };
}

test("documents and trials are told from each other and from neighbours", async () => {
  const idOf = async (record: object): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(record, null, 2), "x.json"))?.id;
  expect(await idOf(document([]))).toBe("atif");
  expect(await idOf(trial())).toBe("harbor");
  expect(await idOf(trial({ verifier_result: null }))).toBe("harbor");
  expect(await idOf({ schema_version: "1.0", steps: [] })).toBeUndefined();
  expect(await idOf({ trial_name: "x" })).toBeUndefined();
});

test("the trial owns what lies in its agent's folder", () => {
  expect(partOfTrial("jobs/j/t/agent/trajectory.json")).toBe("../result.json");
  expect(partOfTrial("agent/trajectory.cont-2.json")).toBe("../result.json");
  expect(partOfTrial("x/trajectory.json")).toBeNull();
  expect(partOfTrial("x/trajectory.cont-1.json")).toBe("trajectory.json");
  expect(partOfTrial("x/my-agent/trajectory.json")).toBeNull();
  expect(partOfTrial("x/agent/config.json")).toBeNull();
});

test("a trajectory alone takes the verdict of its trial, its sub-agents do not", async () => {
  const content = document([say("x")], {
    subagent_trajectories: [document([say("y")], { trajectory_id: "s" })],
  });
  const { records } = await read(atif, "j/t/agent/trajectory.json", content, { "../result.json": trial() });
  expect(records[0]!.trajectories.map(({ id, reward }) => [id, reward])).toEqual([
    ["t", 1],
    ["t#s", NaN],
  ]);
  const { records: other } = await read(atif, "j/t/agent/trajectory.json", content, {
    "../result.json": { rewards: 1 },
  });
  expect(other[0]!.trajectories[0]!.reward).toBeNaN();
});

test("only plain names beside the log are followed, and none twice", async () => {
  for (const ref of [
    "../secret.json",
    "/etc/passwd.json",
    "a/b.json",
    "..\\x.json",
    "trajectory",
    "C:x.json",
    ".hidden.json",
  ]) {
    const { records, asked } = await read(
      atif,
      "x/trajectory.json",
      document([say("x")], { continued_trajectory_ref: ref }),
    );
    expect(asked).toEqual(["trajectory.json"]);
    expect(issuesOf(records)).toEqual(["bad-field:1"]);
  }
  const loop = document([say("again")], { continued_trajectory_ref: "b.json" });
  const { records } = await read(
    atif,
    "x/a.json",
    document([say("x")], { continued_trajectory_ref: "b.json" }),
    { "b.json": loop },
  );
  expect(records[0]!.trajectories[0]!.turns.map(({ content }) => content)).toEqual(["x", "again"]);
  const self = document([say("x")], { continued_trajectory_ref: "a.json" });
  const { records: selfish } = await read(atif, "x/a.json", self);
  expect(selfish[0]!.trajectories[0]!.turns.length).toBe(1);
});

test("a continuation that is damaged or torn gives what is there, and says so", async () => {
  const first = document([say("x")], { continued_trajectory_ref: "b.json" });
  const next = JSON.stringify(document([say("y"), say("z")], {}));
  const { records } = await read(atif, "x/a.json", first, { "b.json": next.slice(0, -2) });
  expect(records[0]!.trajectories[0]!.turns.map(({ content }) => content)).toEqual(["x", "y", "z"]);
  expect(issuesOf(records)).toEqual(["torn-line:1"]);
  const { records: none } = await read(atif, "x/a.json", first, { "b.json": "no json" });
  expect(none[0]!.trajectories[0]!.turns.length).toBe(1);
  expect(issuesOf(none).length).toBe(1);
});

test("prompts add what stands between two calls; one that forgets what was before adds nothing", async () => {
  const steps = [
    say("a", { prompt_token_ids: [1, 2], completion_token_ids: [3] }),
    say("b", { prompt_token_ids: [1, 2, 3, 4], completion_token_ids: [5, 6], logprobs: [-1, -2] }),
    say("c", { prompt_token_ids: [9], completion_token_ids: [7] }),
    { source: "user", message: "more" },
    say("d", { prompt_token_ids: [9, 7, 8], completion_token_ids: [0] }),
    say("e", { completion_token_ids: [4] }),
    say("f", { prompt_token_ids: [1], completion_token_ids: [2] }),
  ];
  const [record] = await scanAll(atif, JSON.stringify(document(steps)), "x/t.json");
  const { turns } = record!.trajectories[0]!;
  expect(
    turns.map(({ tokens }) => [
      tokens === null ? null : [...tokens.ids!],
      tokens === null ? null : [...tokens.mask],
    ]),
  ).toEqual([
    [
      [1, 2, 3],
      [0, 0, 1],
    ],
    [
      [4, 5, 6],
      [0, 1, 1],
    ],
    [[7], [1]],
    [[8], [0]],
    [[0], [1]],
    [[4], [1]],
    [[2], [1]],
  ]);
  expect([...turns[1]!.tokens!.columns.get("logprobs")!]).toEqual([NaN, -1, -2]);
});

test("lists of different lengths are cut to the shorter; ids that are none are reported", async () => {
  const steps = [
    say("a", { completion_token_ids: [1, 2, 3], logprobs: [-1, -2, -3, -4] }),
    say("b", { completion_token_ids: [1, 2], logprobs: [-1] }),
    say("c", { completion_token_ids: [1.5], logprobs: [-1] }),
    say("d", { completion_token_ids: "x", logprobs: [-1, "y"] }),
    say("e", { logprobs: [-1, null] }),
  ];
  const [record] = await scanAll(atif, JSON.stringify(document(steps)), "x/t.json");
  const { turns } = record!.trajectories[0]!;
  expect(turns.map(({ tokens }) => tokens?.n ?? 0)).toEqual([3, 1, 1, 0, 2]);
  expect(record!.issues.map(({ message }) => message.split(" ")[0])).toEqual([
    "steps[0].metrics.logprobs",
    "steps[1].metrics.logprobs",
    "steps[2].metrics.completion_token_ids",
    "steps[3].metrics.completion_token_ids",
    "steps[3].metrics.logprobs",
  ]);
});

test("steps of any shape are read as far as they go", async () => {
  const steps = [
    null,
    7,
    { source: 3 },
    {
      source: "agent",
      message: { a: 1 },
      tool_calls: [{}, { function_name: "f" }],
      observation: { results: "x" },
      metrics: [],
    },
  ];
  const [record] = await scanAll(
    atif,
    JSON.stringify(document(steps, { agent: 1, subagent_trajectories: [1, {}] })),
    "x/t.json",
  );
  expect(record!.trajectories.map(({ id, turns }) => [id, turns.length])).toEqual([
    ["t", 2],
    ["t#1", 0],
  ]);
  expect(record!.trajectories[0]!.turns[1]).toMatchObject({
    content: '{"a":1}',
    toolCalls: [{ id: null, name: "f", arguments: "" }],
  });
});

test("a trial without a trajectory is a rollout; its tokens are not put on steps they do not fit", async () => {
  const { records } = await read(harbor, "jobs/j/sum__1/result.json", trial());
  expect(records[0]!.trajectories[0]).toMatchObject({
    id: "sum__1",
    run: "j",
    group: "sum",
    reward: 1,
    turns: [],
  });
  const details = { agent_result: { rollout_details: [{ completion_token_ids: [[1], [2]] }] } };
  const { records: unfit } = await read(harbor, "jobs/j/sum__1/result.json", trial(details), {
    "agent/trajectory.json": document([say("one")]),
  });
  expect(unfit[0]!.trajectories[0]!.turns[0]!.tokens).toBeNull();
  expect(issuesOf(unfit)).toEqual(["bad-field:1"]);
});

test("a trial's rewards: the one named reward counts, else the only one", async () => {
  const rewardOf = async (rewards: unknown): Promise<readonly unknown[]> => {
    const { records } = await read(
      harbor,
      "result.json",
      trial({ verifier_result: { rewards }, trial_uri: "file:///x/job-7/sum__1" }),
    );
    const [one] = records[0]!.trajectories;
    expect(one!.run).toBe("job-7");
    return [one!.reward, ...one!.rewards.values()];
  };
  expect(await rewardOf({ a: 0.5 })).toEqual([0.5, 0.5]);
  expect(await rewardOf({ a: 0.5, b: 1 })).toEqual([NaN, 0.5, 1]);
  expect(await rewardOf({ a: 0.5, reward: 0 })).toEqual([0, 0.5, 0]);
  expect(await rewardOf({ a: "x", b: true })).toEqual([NaN, NaN, 1]);
  expect(await rewardOf(null)).toEqual([NaN]);
});
