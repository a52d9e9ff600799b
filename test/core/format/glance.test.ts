import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Format } from "../../../src/core/format/format.ts";
import { rewardlens } from "../../../src/core/format/formats/rewardlens.ts";
import { verl } from "../../../src/core/format/formats/verl.ts";
import { collectSignals, type SignalSets, summarize } from "../../../src/core/rollout/summary.ts";
import { alone, memorySource, scanAll } from "./memorySource.ts";

const sets = (): SignalSets => ({
  token: new Set(),
  step: new Set(),
  turn: new Set(),
  trajectory: new Set(),
});

/** What the index keeps of a log by its own way, and by reading all of it. */
async function bothWays(
  text: string,
  format: Format = rewardlens,
  path = "log.jsonl",
): Promise<readonly [own: unknown, read: unknown]> {
  const [ownNames, readNames] = [sets(), sets()];
  const own: unknown[] = [];
  for await (const batch of format.index!(memorySource(text), alone(path), {}, ownNames)) own.push(...batch);
  const records = await scanAll(format, text, path);
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

const row = object({
  input: maybe(fc.constantFrom("user\nWhat?\nassistant\n", "p", "")),
  output: maybe(fc.constantFrom("o", "a\nuser\nresult\nassistant\nb", "\nassistant\n")),
  score: maybe(number),
  step: maybe(fc.oneof(fc.nat(9), fc.constant("12"))),
  uid: maybe(fc.constantFrom("p_0_0", "p-q_1_0", "plain", "_0_0", "a_b", "__")),
  gts: odd,
  acc: maybe(fc.constantFrom<unknown>(true, 0, 1, "1.0")),
  format: maybe(number),
  reward: odd,
  own: odd,
});

test("the same for verl's rows", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("dump/3.jsonl", "validation_data_dir/x.jsonl"),
      async (rows, path) => {
        const text = rows.map((one) => `${JSON.stringify(one)}\n`).join("");
        const [own, read] = await bothWays(text, verl, path);
        expect(own).toEqual(read);
      },
    ),
    { numRuns: 3000 },
  );
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
