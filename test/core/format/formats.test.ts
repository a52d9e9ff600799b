import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chat } from "../../../src/core/format/formats/chat.ts";
import { rewardlens } from "../../../src/core/format/formats/rewardlens.ts";
import { verl } from "../../../src/core/format/formats/verl.ts";
import { formats, sniffFormat } from "../../../src/core/format/registry.ts";
import { writeTrajectory } from "../../../src/core/format/write.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { idsOf, issuesOf, scanAll, headOfContent } from "./memorySource.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function one(
  record: Record<string, unknown>,
): Promise<{ trajectory: Trajectory; issues: readonly string[]; messages: readonly string[] }> {
  const records = await scanAll(rewardlens, JSON.stringify({ schema: "rewardlens/1", ...record }));
  const messages = records.flatMap(({ issues }) => issues.map(({ message }) => message));
  return { trajectory: records[0]!.trajectories[0]!, issues: issuesOf(records), messages };
}

const turn = { role: "assistant", content: "4 × 27 = 108" };

describe("rewardlens/1", () => {
  test("what is missing is NaN or null, never zero or empty", async () => {
    const { trajectory } = await one({ turns: [{ role: "user", content: "Q" }, turn] });
    expect(trajectory).toMatchObject({
      id: "L1",
      idLogged: false,
      run: null,
      group: null,
      trainStep: null,
      success: null,
      truncated: null,
    });
    expect([trajectory.reward, trajectory.finalValue, trajectory.turns[0]!.reward]).toEqual([NaN, NaN, NaN]);
    expect(trajectory.turns.map(({ trainable, parent, tokens }) => [trainable, parent, tokens])).toEqual([
      [false, -1, null],
      [true, 0, null],
    ]);
  });

  test("tokens by text and by offsets give the same spans, and masks default by turn", async () => {
    const byText = await one({ turns: [{ ...turn, tokens: { text: ["4 ×", " 27", " = 108"] } }] });
    const byOffsets = await one({
      turns: [
        {
          ...turn,
          role: "tool",
          tokens: {
            offsets: [
              [0, 3],
              [3, 6],
              [6, 12],
            ],
          },
        },
      ],
    });
    const spans = ({ trajectory }: { trajectory: Trajectory }): unknown => [
      ...trajectory.turns[0]!.tokens!.end,
    ];
    expect(spans(byText)).toEqual([3, 6, 12]);
    expect(spans(byText)).toEqual(spans(byOffsets));
    expect([...byText.trajectory.turns[0]!.tokens!.mask]).toEqual([1, 1, 1]);
    expect([...byOffsets.trajectory.turns[0]!.tokens!.mask]).toEqual([0, 0, 0]);
  });

  test("a column of another length is left out and named, the rest is read", async () => {
    const tokens = {
      offsets: [
        [0, 3],
        [3, 12],
      ],
      values: [1],
      logprobs: [-1, null],
      mood: ["a", "b"],
    };
    const { trajectory, messages } = await one({ turns: [{ ...turn, tokens }] });
    const read = trajectory.turns[0]!.tokens!;
    expect([...read.columns.keys()]).toEqual(["logprobs"]);
    expect([...read.columns.get("logprobs")!]).toEqual([-1, NaN]);
    expect(read.extra.get("mood")).toEqual(["a", "b"]);
    expect(messages).toEqual(["turns[0].tokens.values has 1 entries for 2 tokens and is left out."]);
  });

  test("offsets outside the content and steps that overlap are left out and named", async () => {
    const { trajectory, issues } = await one({
      turns: [
        {
          ...turn,
          tokens: {
            offsets: [
              [0, 3],
              [2, 99],
            ],
          },
          steps: [
            { start: 0, end: 5, reward: 0.9 },
            { start: 3, end: 8 },
            { start: 6, end: 12 },
          ],
        },
      ],
    });
    expect(trajectory.turns[0]!.steps.n).toBe(2);
    expect([...trajectory.turns[0]!.steps.columns.get("reward")!]).toEqual([0.9, NaN]);
    expect(issues).toEqual(["bad-field:1", "bad-field:1"]);
  });

  test("another version and a forgotten schema are refused with a message", async () => {
    expect(issuesOf(await scanAll(rewardlens, '{"schema":"rewardlens/2","turns":[]}'))).toEqual([
      "unsupported-version:1",
    ]);
    expect(issuesOf(await scanAll(rewardlens, '{"turns":[{"role":"user","content":""}]}'))).toEqual([
      "unsupported-version:1",
    ]);
  });

  test("fields of any wrong type are issues, never exceptions", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), async (a, b) => {
        const record = {
          schema: "rewardlens/1",
          id: a,
          reward: b,
          rewards: a,
          signals: b,
          train_step: a,
          group: b,
        };
        const turns = [
          { role: a, content: b, tokens: a, steps: b, tool_calls: [a], attachments: [b] },
          a,
          { ...turn, tokens: { offsets: b, ids: a, mask: b, values: [a, b] }, steps: [a, b] },
        ];
        await scanAll(rewardlens, JSON.stringify({ ...record, turns }));
        await scanAll(rewardlens, JSON.stringify({ ...record, turns: b }));
      }),
    );
  });

  test("names of the prototype are ordinary names", async () => {
    const text =
      '{"schema":"rewardlens/1","__proto__":{"polluted":1},"constructor":2,"rewards":{"__proto__":1},"turns":[{"role":"assistant","content":"","tokens":{"offsets":[],"__proto__":[]}}]}';
    const [record] = await scanAll(rewardlens, text);
    const trajectory = record!.trajectories[0]!;
    expect(trajectory.extra.get("constructor")).toBe(2);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(JSON.parse(writeTrajectory(trajectory))).toHaveProperty("constructor", 2);
  });

  test("what is written reads back equal", async () => {
    const { trajectory } = await one({
      id: "a",
      run: "r",
      group: "g",
      train_step: 3,
      reward: 0.1,
      rewards: { x: 0.30000000000000004, y: null },
      success: true,
      truncated: false,
      answer: "42",
      metadata: { a: [1] },
      signals: { values: { source: "critic", level: "token" } },
      own_field: { deep: null },
      turns: [
        { role: "user", content: "Q 🙂", state: "s" },
        {
          ...turn,
          reward: 0.5,
          tokens: {
            offsets: [
              [0, 3],
              [3, 12],
            ],
            ids: [5, 6],
            mask: [1, 0],
            values: [0.1, null],
            note: "kept",
          },
          steps: [{ start: 0, end: 3, reward: 0.9, label: 1, why: "so" }],
          extra_field: 1,
        },
        {
          ...turn,
          tokens: { text: ["4 × 27", " = 108"] },
          parent: 0,
          tool_calls: [{ id: "c", name: "f", arguments: "{}" }],
        },
      ],
    });
    const [again] = await scanAll(rewardlens, writeTrajectory(trajectory));
    expect(again!.trajectories[0]).toEqual(trajectory);
  });
});

describe("verl dumps", () => {
  const row = { input: "user\nWhat is 2 + 2?\nassistant\n", output: "4", score: 1, step: 7 };

  test("an old one has its groups from equal prompts, and ids from lines", async () => {
    const records = await scanAll(
      verl,
      [row, { ...row, score: "0.5" }, { ...row, input: "other" }].map((r) => JSON.stringify(r)).join("\n"),
      "rollouts/7.jsonl",
    );
    const all = records.flatMap(({ trajectories }) => trajectories);
    expect(all.map(({ id, reward, groupSource }) => [id, reward, groupSource])).toEqual([
      ["L1", 1, "same-prompt"],
      ["L2", 0.5, "same-prompt"],
      ["L3", 1, "same-prompt"],
    ]);
    expect(all[0]!.group).toBe(all[1]!.group);
    expect(all[0]!.group).not.toBe(all[2]!.group);
  });

  test("a new one has its groups from the uid, split at the last two underscores", async () => {
    const [record] = await scanAll(
      verl,
      JSON.stringify({ ...row, uid: "a_b_c_3_0", gts: 4, acc: true, format: 1, pred: "4" }),
    );
    expect(record!.trajectories[0]).toMatchObject({
      id: "a_b_c_3_0",
      group: "a_b_c",
      groupSource: "uid-prefix",
      answer: "4",
      success: true,
      trainStep: 7,
    });
    expect(Object.fromEntries(record!.trajectories[0]!.rewards)).toEqual({ acc: 1, format: 1 });
  });

  test("the step is the file's name where the row has none, and validation is told from training", async () => {
    const { step, ...rest } = row;
    const [train] = await scanAll(verl, JSON.stringify(rest), "run/rollout_data/12.jsonl");
    const [validation] = await scanAll(verl, JSON.stringify(row), "run/validation_data_dir/10.jsonl");
    expect([step, train!.trajectories[0]!.trainStep, train!.trajectories[0]!.split]).toEqual([
      7,
      12,
      "train",
    ]);
    expect(validation!.trajectories[0]!.split).toBe("validation");
  });

  test("prompt and response are verbatim", async () => {
    const [record] = await scanAll(verl, JSON.stringify(row));
    expect(
      record!.trajectories[0]!.turns.map(({ role, content, trainable }) => [role, content, trainable]),
    ).toEqual([
      ["prompt", row.input, false],
      ["assistant", "4", true],
    ]);
  });
});

describe("chat messages", () => {
  test("are read with their reward, parts and tool calls", async () => {
    const messages = [
      { role: "user", content: [{ type: "text", text: "Hi " }, { type: "image_url" }] },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
    ];
    const [record] = await scanAll(chat, JSON.stringify({ messages, score: 0.25, prompt_id: 5 }));
    expect(record!.trajectories[0]).toMatchObject({ reward: 0.25, group: "5" });
    expect(
      record!.trajectories[0]!.turns.map(({ content, toolCalls }) => [content, toolCalls.length]),
    ).toEqual([
      ["Hi [image_url]", 0],
      ["", 1],
    ]);
  });
});

describe("recognising a format", () => {
  const sniff = async (text: string, path = "x.jsonl"): Promise<string | null> =>
    sniffFormat(await headOfContent(text, path))?.id ?? null;

  test("goes by content, also after damage and for a first line longer than the head", async () => {
    expect(await sniff('{"schema":"rewardlens/1","turns":[]}')).toBe("rewardlens");
    expect(await sniff('oops\n{"input":"a","output":"b","score":1}')).toBe("verl");
    expect(await sniff(`{"messages":[{"role":"user","content":"${"x".repeat(100_000)}"}]}\n`)).toBe("chat");
    expect(await sniff("step,loss\n1,2\n")).toBeNull();
    expect(await sniff('{"step":1,"data":{"loss":1}}')).toBeNull();
    expect(await sniff("")).toBeNull();
    expect(await sniff("\0\0\0PK")).toBeNull();
  });

  test("no two formats claim the same record", async () => {
    expect(new Set(formats.map(({ id }) => id)).size).toBe(formats.length);
  });
});

test("readers survive truncated and mutated logs: no exception, and what is whole is read", async () => {
  const native = JSON.stringify({
    schema: "rewardlens/1",
    id: "a",
    turns: [{ ...turn, tokens: { offsets: [[0, 3]], values: [1] } }],
  });
  const row = JSON.stringify({ input: "p", output: "o", score: 1, uid: "u_0_0" });
  const talk = JSON.stringify({ messages: [{ role: "user", content: "x" }], reward: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(native, row, talk),
      fc.nat(200),
      fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 }),
      async (line, cut, edits) => {
        const bytes = encode(`${line}\n${line.slice(0, cut)}`);
        for (const [at, value] of edits) if (at > line.length && at < bytes.length) bytes[at] = value;
        for (const format of formats) {
          const records = await scanAll(format, bytes);
          if (format.sniff(await headOfContent(bytes)))
            expect(idsOf(records).length).toBeGreaterThanOrEqual(1);
        }
      },
    ),
    { numRuns: 300 },
  );
});
