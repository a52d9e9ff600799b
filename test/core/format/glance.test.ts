import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rewardlens } from "../../../src/core/format/formats/rewardlens.ts";
import { collectSignals, type SignalSets, summarize } from "../../../src/core/rollout/summary.ts";
import { alone, memorySource, scanAll } from "./memorySource.ts";

const sets = (): SignalSets => ({
  token: new Set(),
  step: new Set(),
  turn: new Set(),
  trajectory: new Set(),
});

/** What the index keeps of a log by its own way, and by reading all of it. */
async function bothWays(text: string): Promise<readonly [own: unknown, read: unknown]> {
  const [ownNames, readNames] = [sets(), sets()];
  const own: unknown[] = [];
  for await (const batch of rewardlens.index!(memorySource(text), alone("log.jsonl"), {}, ownNames))
    own.push(...batch);
  const records = await scanAll(rewardlens, text);
  const read = records.map(({ locator, trajectories, issues }) => {
    for (const trajectory of trajectories) collectSignals(trajectory, readNames);
    return { locator, summaries: trajectories.map((one) => summarize(one)), issues };
  });
  return [
    [own, ownNames],
    [read, readNames],
  ];
}

const odd = fc.constantFrom<unknown>(
  null,
  undefined,
  true,
  -1,
  0.5,
  2 ** 40,
  "",
  "x",
  [],
  [1],
  {},
  { a: [[1]] },
  [null],
);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: value as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd });
const object = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.record(fields, { requiredKeys: [] });
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));

const content = "one two";
const tokens = maybe(
  object({
    offsets: maybe(
      fc.constantFrom<unknown>(
        [
          [0, 3],
          [3, 7],
        ],
        [
          [0, 3],
          [3, 9],
        ],
        [
          [3, 7],
          [0, 3],
        ],
        [[0, 3]],
      ),
    ),
    text: maybe(fc.constantFrom<unknown>(["one", " two"], ["one", "two"], ["one"])),
    ids: maybe(fc.constantFrom<unknown>([1, 2], [1], [1.5, 2], [2 ** 33, 1])),
    mask: maybe(fc.constantFrom<unknown>([0, 1], [true, false], [1])),
    rewards: maybe(fc.tuple(number, number)),
    advantages: maybe(fc.tuple(number, number)),
    "prm@m": maybe(fc.tuple(number, number)),
  }),
);
const step = object({
  start: maybe(fc.nat(4)),
  end: maybe(fc.nat(8)),
  reward: maybe(number),
  label: maybe(number),
  note: odd,
});
const turn = maybe(
  object({
    role: maybe(fc.constantFrom("user", "assistant", "tool", "system")),
    content: maybe(fc.constantFrom(content, "", "user\nWhat?", `  ${"long ".repeat(60)}`)),
    state: maybe(fc.constantFrom("s", "t")),
    reward: maybe(number),
    trainable: maybe(fc.boolean()),
    parent: maybe(fc.integer({ min: -2, max: 3 })),
    tool_calls: maybe(
      fc.constantFrom<unknown>([{ name: "f", arguments: "{}" }], [{ function: { name: "g" } }], [{}]),
    ),
    tokens,
    steps: maybe(fc.array(step, { maxLength: 2 })),
    own: odd,
  }),
);
const record = object({
  schema: fc.constantFrom("rewardlens/1", "rewardlens/1", "rewardlens/1", "rewardlens/2", undefined),
  id: maybe(fc.constantFrom("a", "b", 7)),
  run: maybe(fc.constant("r")),
  group: maybe(fc.constantFrom("g", 3)),
  train_step: maybe(fc.nat(9)),
  split: maybe(fc.constantFrom("train", "validation")),
  reward: maybe(number),
  rewards: maybe(fc.dictionary(fc.constantFrom("x", "y"), number)),
  success: maybe(fc.boolean()),
  truncated: maybe(fc.boolean()),
  final_value: maybe(number),
  answer: maybe(fc.constant("4")),
  turns: maybe(fc.array(turn, { maxLength: 3 })),
  metadata: odd,
  signals: maybe(fc.constant({})),
  own: odd,
});

test("what the index keeps at a glance is what reading gives, whatever the record holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 3 }), async (records) => {
      const [own, read] = await bothWays(records.map((one) => `${JSON.stringify(one)}\n`).join(""));
      expect(own).toEqual(read);
    }),
    { numRuns: 3000 },
  );
});

test("a field nested too deeply is no glance's matter: the line is left out, and said", async () => {
  const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;
  for (const field of [`"own":${deep}`, `"turns":[{"role":"user","content":"x","own":${deep}}]`]) {
    const [own, read] = await bothWays(`{"schema":"rewardlens/1","turns":[],${field}}\n`);
    expect(own).toEqual(read);
    expect(JSON.stringify(own)).toContain("nested too deeply");
  }
});
