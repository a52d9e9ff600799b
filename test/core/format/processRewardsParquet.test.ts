import { parquetWriteBuffer } from "hyparquet-writer";
import type { SchemaElement } from "hyparquet";
import { expect, test } from "vitest";
import type { Format } from "../../../src/core/format/format.ts";
import { rlhflowPrm } from "../../../src/core/format/formats/rlhflowPrm.ts";
import { processBench } from "../../../src/core/format/formats/processBench.ts";
import { trlStepwise } from "../../../src/core/format/formats/trlStepwise.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { headOfContent, scanAll } from "./memorySource.ts";

type Schema = readonly SchemaElement[];

const text = (name: string): Schema => [
  { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];
const boolean = (name: string): Schema => [{ name, type: "BOOLEAN", repetition_type: "OPTIONAL" }];
const long = (name: string): Schema => [{ name, type: "INT64", repetition_type: "OPTIONAL" }];

/** A list as Arrow writes it. */
const list = (name: string, element: Schema): Schema => [
  { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...element,
];

const message: Schema = [
  { name: "element", repetition_type: "OPTIONAL", num_children: 2 },
  ...text("content"),
  ...text("role"),
];

function parquet(columns: Readonly<Record<string, readonly [Schema, readonly unknown[]]>>): Uint8Array {
  const columnData = Object.entries(columns).map(([name, [, data]]) => ({ name, data: [...data] }));
  const schema = Object.values(columns).flatMap(([elements]) => elements);
  const root: SchemaElement = { name: "root", num_children: columnData.length };
  return new Uint8Array(parquetWriteBuffer({ columnData, schema: [root, ...schema], statistics: false }));
}

const ask = { content: "What? Step 1: a", role: "user" };
const sign = (content: string): unknown => ({ content, role: "assistant" });

const cases: readonly [Format, string, Record<string, readonly [Schema, readonly unknown[]]>][] = [
  [
    processBench,
    "gsm8k-00000-of-00001.parquet",
    {
      id: [text("id"), ["g-0", "g-1"]],
      problem: [text("problem"), ["p", "q"]],
      steps: [list("steps", text("element")), [["a", "b"], ["c"]]],
      final_answer_correct: [boolean("final_answer_correct"), [false, true]],
      label: [long("label"), [1n, -1n]],
    },
  ],
  [
    trlStepwise,
    "train-00000-of-00001.parquet",
    {
      prompt: [text("prompt"), ["p"]],
      completions: [list("completions", text("element")), [["a", "b"]]],
      labels: [list("labels", boolean("element")), [[true, false]]],
    },
  ],
  [
    rlhflowPrm,
    "Mistral-PRM-Data/train-00000-of-00001.parquet",
    {
      conversations: [
        list("conversations", message),
        [[ask, sign("+"), { content: "Step 2: b", role: "user" }, sign("-")]],
      ],
    },
  ],
];

test.each(cases)("$id as Parquet holds what it holds as lines", async (format, path, columns) => {
  const content = parquet(columns);
  expect(sniffFormat(await headOfContent(content, path))?.id).toBe(format.id);
  const names = Object.keys(columns);
  const n = Object.values(columns)[0]![1].length;
  const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
  const rows = Array.from({ length: n }, (__, row) =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, columns[name]![1][row]])), plain),
  );
  const of = async (bytes: string | Uint8Array): Promise<unknown> => {
    const records = await scanAll(format, bytes, path);
    expect(records.flatMap(({ issues }) => issues)).toEqual([]);
    return records.flatMap(({ trajectories }) => trajectories);
  };
  expect(await of(content)).toEqual(await of(rows.join("\n")));
});
