import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { art } from "../../../src/core/format/formats/art.ts";
import { processBench } from "../../../src/core/format/formats/processBench.ts";
import { trl } from "../../../src/core/format/formats/trl.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { ByteSource } from "../../../src/core/format/format.ts";
import { alone, headOfContent, idsOf, issuesOf, memorySource, scanAll } from "./memorySource.ts";

function file(columnData: ColumnSource[], rowGroupSize = 100): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({ columnData, rowGroupSize, statistics: false, codec: "UNCOMPRESSED" }),
  );
}

const rows = Array.from({ length: 7 }, (_, i) => `answer ${i}`);
const completions = (more: ColumnSource[] = [], rowGroupSize = 3): Uint8Array =>
  file(
    [
      { name: "step", type: "INT64", data: rows.map(() => 5n) },
      { name: "prompt", type: "STRING", data: rows.map((_, i) => `question ${Math.floor(i / 4)}`) },
      { name: "completion", type: "STRING", data: rows },
      { name: "advantage", type: "DOUBLE", data: rows.map((_, i) => i - 3) },
      ...more,
    ],
    rowGroupSize,
  );
const reward: ColumnSource = { name: "r", type: "DOUBLE", data: [1, 0, null, NaN, 1, 0, 1], nullable: true };

test("tables are told by their columns", async () => {
  const idOf = async (bytes: Uint8Array, path = "x.parquet"): Promise<string | undefined> =>
    sniffFormat(await headOfContent(bytes, path))?.id;
  const text = (name: string): ColumnSource => ({ name, type: "STRING", data: ["x"] });
  expect(await idOf(completions([reward]))).toBe("trl");
  expect(await idOf(file(["step", "prompt", "completion"].map(text)), "completions_00001.parquet")).toBe(
    "trl",
  );
  expect(await idOf(file(["step", "prompt", "completion"].map(text)))).toBeUndefined();
  expect(await idOf(file(["group_index", "messages", "reward"].map(text)))).toBe("art");
  expect(await idOf(file(["prompt", "completions", "labels"].map(text)))).toBe("trlStepwise");
  expect(await idOf(file(["run_id", "run_name", "step", "timestamp"].map(text)))).toBeUndefined();
});

test("a column of numbers is a reward function, whatever it did not apply to; other columns are extras", async () => {
  const records = await scanAll(
    trl,
    completions([reward, { name: "note", type: "STRING", data: rows }]),
    "x/completions_00007.parquet",
  );
  const all = records.flatMap(({ trajectories }) => trajectories);
  expect(all.map((one) => one.reward)).toEqual([1, 0, NaN, NaN, 1, 0, 1]);
  expect(all.map((one) => [...one.rewards.keys()])).toEqual(rows.map(() => ["r"]));
  expect(all[0]).toMatchObject({ trainStep: 5, groupSource: "contiguous", metadata: undefined });
  expect([...all[0]!.extra]).toEqual([
    ["advantage", -3],
    ["note", "answer 0"],
  ]);
  expect(new Set(all.map(({ group }) => group)).size).toBe(2);
});

test("several functions make no reward of their own: their weights are not in the file", async () => {
  const records = await scanAll(trl, completions([reward, { ...reward, name: "s" }]));
  const [one] = records[0]!.trajectories;
  expect([one!.reward, one!.rewards.get("r"), one!.rewards.get("s")]).toEqual([NaN, 1, 1]);
  expect(one!.metadata).toMatchObject({ reward: expect.stringContaining("weights") as unknown });
});

test("rows are numbered through the file, and any of them is read again by its row group alone", async () => {
  const bytes = completions([reward]);
  const records = await scanAll(trl, bytes);
  expect(records.map(({ locator }) => locator.line)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(idsOf(records)).toEqual(["L1", "L2", "L3", "L4", "L5", "L6", "L7"]);
  const groups = new Set(records.map(({ locator }) => `${locator.from}-${locator.to}`));
  expect(groups.size).toBe(3);
  const inside = memorySource(bytes);
  let read = 0;
  const counted: ByteSource = {
    size: inside.size,
    read: (from, to) => ((read += from === 4 ? 1 : 0), inside.read(from, to)),
  };
  const wanted = [6, 0, 2, 1, 0].map((i) => records[i]!);
  const locators = wanted.map(({ locator }) => locator);
  expect(await trl.load(counted, alone("run/log.jsonl"), locators)).toEqual(wanted);
  // The first group's first column is read once for its four rows.
  expect(read).toBe(1);
});

test("a row group that is damaged is named, and the others are read", async () => {
  const bytes = completions([reward]);
  const records = await scanAll(trl, bytes);
  const second = records[3]!.locator;
  const wrong = bytes.slice();
  wrong.fill(0xff, second.from, second.from + 40);
  const found = await scanAll(trl, wrong);
  expect(idsOf(found)).toEqual(["L1", "L2", "L3", "L7"]);
  expect(issuesOf(found)).toEqual(["damaged:4"]);
  expect(
    await trl.load(
      memorySource(wrong),
      alone("run/log.jsonl"),
      found.map(({ locator }) => locator),
    ),
  ).toEqual(found);
});

test("a file without a footer is damaged as a whole", async () => {
  const bytes = completions([reward]);
  const found = await scanAll(trl, bytes.subarray(0, bytes.length - 20));
  expect([idsOf(found), issuesOf(found)]).toEqual([[], ["damaged:1"]]);
  expect(
    await trl.load(memorySource(bytes.subarray(0, 40)), alone("a"), [{ from: 0, to: 9, line: 3 }]),
  ).toMatchObject([{ trajectories: [], issues: [{ code: "damaged" }] }]);
});

test("wrong types in a table are reported like those in JSON", async () => {
  const bytes = file([
    { name: "step", type: "DOUBLE", data: [1.5] },
    { name: "prompt", type: "INT32", data: [3] },
    { name: "completion", type: "JSON", data: [["x"]] },
    { name: "advantage", type: "STRING", data: ["high"] },
  ]);
  const records = await scanAll(trl, bytes, "completions_00009.parquet");
  expect(issuesOf(records)).toEqual(["bad-field:1", "bad-field:1", "bad-field:1"]);
  expect(records[0]!.trajectories[0]).toMatchObject({ trainStep: 9, reward: NaN });
});

test("a format of JSON records reads the same records from a table", async () => {
  const record = {
    problem: "p",
    steps: ["a", "b"],
    final_answer_correct: false,
    label: 1,
    id: "x-1",
    generator: "g",
  };
  const bytes = file(
    Object.entries(record).map(([name, value]) => ({
      name,
      data: [value],
      type:
        typeof value === "string"
          ? "STRING"
          : typeof value === "boolean"
            ? "BOOLEAN"
            : name === "label"
              ? "INT32"
              : "JSON",
    })),
  );
  const [fromTable] = await scanAll(processBench, bytes, "x.parquet");
  const [fromLine] = await scanAll(processBench, JSON.stringify(record), "x.jsonl");
  expect(fromTable!.trajectories.length).toBe(1);
  expect(fromTable!.trajectories).toEqual(fromLine!.trajectories);
});

test("ART's rows: groups by their index where there is one, calls and metrics out of their strings", async () => {
  const messages = [
    { role: "user", content: "q", tool_calls: null, tool_call_id: null, trainable: false },
    {
      role: "assistant",
      content: "",
      tool_calls: '[{"id":"c","function":{"name":"f","arguments":"{}"}}]',
      trainable: true,
    },
  ];
  const column = (
    name: string,
    type: "JSON" | "INT64" | "DOUBLE" | "STRING",
    value: unknown,
  ): ColumnSource => ({
    name,
    type,
    data: [value] as never,
    nullable: true,
  });
  const base = [
    column("reward", "DOUBLE", 0.5),
    column("metrics", "STRING", '{"m":1}'),
    column("messages", "JSON", messages),
  ];
  const [grouped] = await scanAll(
    art,
    file([column("group_index", "INT64", 3n), ...base]),
    "trajectories/val/0012.parquet",
  );
  expect(grouped!.trajectories[0]).toMatchObject({
    group: "3",
    groupSource: "explicit",
    trainStep: 12,
    split: "validation",
    reward: 0.5,
  });
  expect(grouped!.trajectories[0]!.extra.get("metrics")).toEqual({ m: 1 });
  expect(grouped!.trajectories[0]!.turns[1]).toMatchObject({
    trainable: true,
    toolCalls: [{ id: "c", name: "f" }],
  });
  const [migrated] = await scanAll(
    art,
    file([...base, column("additional_histories", "STRING", null)]),
    "x/0001.parquet",
  );
  expect(migrated!.trajectories[0]).toMatchObject({ group: null, groupSource: "none" });
});
