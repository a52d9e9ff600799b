import fc from "fast-check";
import { expect, test } from "vitest";
import type { CurveContent } from "../../../src/core/curve/curveFormat.ts";
import { curveFormats, isCurveName, sniffCurveFormat } from "../../../src/core/curve/registry.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { headOf } from "../../../src/core/format/sniff.ts";
import { alone, memorySource } from "../format/memorySource.ts";

/** Format as a file is recognised (rollouts first), and its content where that is curves. */
async function read(text: string): Promise<CurveContent & { readonly format: string | null }> {
  const source = memorySource(text);
  const head = await headOf(source, alone("run/metrics.jsonl"));
  const format = sniffFormat(head) === null ? sniffCurveFormat(head) : null;
  if (format === null) return { format, series: [], issues: [], issueCount: 0 };
  return { format: format.id, ...(await format.read(source, alone("run/metrics.jsonl"), {})) };
}

const lines = (...records: readonly unknown[]): string =>
  records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join("");

const pointsOf = ({ series }: CurveContent): Record<string, readonly (readonly [number, number])[]> =>
  Object.fromEntries(
    series.map(({ run, name, steps, values }) => [
      run === null ? name : `${run}: ${name}`,
      [...steps].map((step, i) => [step, values[i]!] as const),
    ]),
  );
const codesOf = (content: CurveContent): readonly string[] =>
  [...content.issues, ...content.series.flatMap(({ issues }) => issues)].map(
    ({ code, line, byte }) => `${code}:${line}:${byte}`,
  );

test("verl's file logger: a step on several lines keeps its points in file order, null is a value that was not finite", async () => {
  const first = lines({ step: 1, data: { "critic/score/mean": 0.25, "val-core/gsm8k/acc/mean@4": 1 } });
  const content = await read(first + lines({ step: 1, data: { "critic/score/mean": null, other: 2 } }));
  expect(content.format).toBe("verlFileLogger");
  expect(pointsOf(content)).toEqual({
    "critic/score/mean": [
      [1, 0.25],
      [1, NaN],
    ],
    "val-core/gsm8k/acc/mean@4": [[1, 1]],
    other: [[1, 2]],
  });
  expect(codesOf(content)).toEqual([`non-finite:2:${first.length}`]);
  expect(content.series[0]!.wallTimes).toBeNull();
});

test("a restart goes back in steps; nothing is sorted, dropped or called damage", async () => {
  const content = await read(lines(...[3, 4, 5, 4, 5].map((step, i) => ({ step, data: { loss: i } }))));
  expect([...content.series[0]!.steps]).toEqual([3, 4, 5, 4, 5]);
  expect([...content.series[0]!.values]).toEqual([0, 1, 2, 3, 4]);
  expect(content.issues).toEqual([]);
});

test("metrics have their step under any of its names; nested names join, flags and lists are no metrics", async () => {
  for (const name of [
    "step",
    "_step",
    "global_step",
    "train_step",
    "training_step",
    "iteration",
    "training_iteration",
  ]) {
    const content = await read(lines({ [name]: 7, a: { b: { c: 1 } }, ok: true, list: [1, 2], "d/e": 2 }));
    expect([content.format, pointsOf(content)]).toEqual([
      "metricsJsonl",
      { "a/b/c": [[7, 1]], "d/e": [[7, 2]] },
    ]);
  }
});

test("NaN and infinities are points, bare or as text; null is none", async () => {
  const content = await read(
    lines({ step: 0, x: 1, y: 1 }, '{"step":1,"x":NaN,"y":null,"z":-Infinity}', {
      step: 2,
      x: "NaN",
      y: "Infinity",
    }),
  );
  expect(pointsOf(content)).toEqual({
    x: [
      [0, 1],
      [1, NaN],
      [2, NaN],
    ],
    y: [
      [0, 1],
      [2, Infinity],
    ],
    z: [[1, -Infinity]],
  });
  expect(content.series.map(({ issues }) => issues.map(({ code, line }) => `${code}:${line}`))).toEqual([
    ["non-finite:2"],
    ["non-finite:3"],
    ["non-finite:2"],
  ]);
});

test("lines name their run, and their time in seconds, milliseconds or as a date", async () => {
  const content = await read(
    lines(
      { step: 0, run: "a", loss: 1, time: 1_760_000_000 },
      { step: 0, run: "b", loss: 2, timestamp: 1_760_000_000_500 },
      { step: 1, run: "a", loss: 3, _timestamp: "2025-10-09T08:53:21Z" },
      { step: 1, run: "b", loss: 4, wall_time: 1_760_000_002, time: 12.5 },
      { step: 2, run: "b", loss: 5 },
    ),
  );
  expect(pointsOf(content)).toEqual({
    "a: loss": [
      [0, 1],
      [1, 3],
    ],
    "b: loss": [
      [0, 2],
      [1, 4],
      [2, 5],
    ],
    "b: time": [[1, 12.5]],
  });
  expect(content.series.map(({ wallTimes }) => [...wallTimes!])).toEqual([
    [1_760_000_000, 1_760_000_001],
    [1_760_000_000.5, 1_760_000_002, NaN],
    [1_760_000_002],
  ]);
});

test("damage is said with its line and byte, and the lines around it are read", async () => {
  const parts = [
    lines({ step: 0, x: 1 }),
    "oops\n",
    lines({ x: 2 }),
    lines({ step: 0.5, x: 3 }),
    lines([1]),
    '{"step":1,"x',
  ];
  const at = parts.map((_, i) => parts.slice(0, i).join("").length);
  const content = await read(parts.join(""));
  expect(pointsOf(content)).toEqual({ x: [[0, 1]] });
  expect(codesOf(content)).toEqual([
    `bad-json:2:${at[1]}`,
    `bad-field:3:${at[2]}`,
    `bad-field:4:${at[3]}`,
    `bad-json:5:${at[4]}`,
    `torn-line:6:${at[5]}`,
  ]);
});

test("rollouts, samples and traces are never taken for metrics", async () => {
  for (const record of [
    { schema: "rewardlens/1", id: "a", train_step: 1, reward: 1, turns: [] },
    { input: "p", output: "o", score: 1, step: 1 },
    { input: "p", step: 1, score: 1, a: 2 },
    { messages: [{ role: "user", content: "x" }], step: 1, reward: 1 },
    { schema_version: 1, step: 3, rank: 0, token_ids: [1, 2] },
    { iteration: 3, group_idx: 0, total_reward: 1, steps: [{ step_idx: 0 }] },
    { step: 1, reward: 1, problem: "What is 2 + 2?" },
    { step: 1, reward: 1, worker: "a", task: "b" },
    { step: 1, reward: 1, acc: 1, note: "x".repeat(1000) },
    { step: 1, event: "started" },
    { step: 1 },
    { loss: 1 },
    { step: 1, data: { text: "x" } },
  ])
    expect((await read(lines(record))).series, JSON.stringify(record).slice(0, 60)).toEqual([]);
});

test("settings that each line repeats are no metrics", async () => {
  const content = await read(lines({ training_iteration: 1, reward: 2, trial_id: "a", config: { lr: 0.1 } }));
  expect(pointsOf(content)).toEqual({ reward: [[1, 2]] });
});

test("any text gives columns of one length and never throws", async () => {
  const records = fc.array(
    fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ step: fc.integer(), x: fc.double(), data: fc.dictionary(fc.string(), fc.double()) })
        .map((record) => JSON.stringify(record)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(records, async (all) => {
      for (const format of curveFormats) {
        const { series } = await format.read(memorySource(all.join("\n")), alone("x.jsonl"), {});
        for (const { steps, values } of series) {
          expect(values.length).toBe(steps.length);
          expect(steps.every(Number.isInteger)).toBe(true);
        }
      }
    }),
  );
});

test("issues beyond those that are kept are counted", async () => {
  const text = `{"step":0,"x":1}\n${"oops\n".repeat(20)}`;
  const format = curveFormats.find(({ id }) => id === "metricsJsonl")!;
  const content = await format.read(memorySource(text), alone("x.jsonl"), { mostIssues: 5 });
  expect([content.issues.length, content.issueCount]).toEqual([5, 20]);
});

test("names of curve files are those of their formats", () => {
  const named = ["m.jsonl", "result.json", "events.out.tfevents.1.host", "x.csv", "run-a.wandb", "meta.yaml"];
  const databases = ["mlflow.db", "p.sqlite3", "p.parquet", "trainer_state.json"];
  expect([...named, ...databases].filter((name) => !isCurveName(name))).toEqual([]);
  expect(["log.txt", "config.yaml", "p.db-wal", "x.csv.gz"].filter(isCurveName)).toEqual([]);
});
