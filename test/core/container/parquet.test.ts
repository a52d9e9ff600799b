import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { ContainerError } from "../../../src/core/container/containerError.ts";
import { openParquet, parquetColumns } from "../../../src/core/container/parquet.ts";
import { checkDeltas, checkRuns } from "../../../src/core/container/parquet/runs.ts";
import { checkThrift } from "../../../src/core/container/parquet/thrift.ts";
import { memorySource } from "../format/memorySource.ts";

type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], "columnData">;

function file(columnData: ColumnSource[], options: Options = {}): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, statistics: false, ...options }));
}

async function rowsOf(bytes: Uint8Array): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const parquet = await openParquet(memorySource(bytes));
  return parquet.read(0, parquet.rowCount);
}

const names = Array.from({ length: 10 }, (_, i) => `row ${i}`);

test("values are what JSON would hold", async () => {
  const [row] = await rowsOf(
    file([
      { name: "small", type: "INT64", data: [42n] },
      { name: "large", type: "INT64", data: [9007199254740993n] },
      { name: "double", type: "DOUBLE", data: [0.1] },
      { name: "nan", type: "DOUBLE", data: [NaN] },
      { name: "none", type: "STRING", data: [null], nullable: true },
      { name: "flag", type: "BOOLEAN", data: [true] },
      { name: "time", type: "TIMESTAMP", data: [new Date("2026-08-22T10:00:00Z")] },
      { name: "json", type: "JSON", data: [{ a: [1, { b: null }] }] },
      { name: "constructor", type: "STRING", data: ["own"] },
    ]),
  );
  expect(row).toEqual({
    small: 42,
    large: "9007199254740993",
    double: 0.1,
    nan: NaN,
    none: null,
    flag: true,
    time: "2026-08-22T10:00:00.000Z",
    json: { a: [1, { b: null }] },
    constructor: "own",
  });
});

test("columns of plain numbers are told from dates, texts and lists", async () => {
  const parquet = await openParquet(
    memorySource(
      file([
        { name: "int", type: "INT32", data: [1] },
        { name: "double", type: "DOUBLE", data: [null], nullable: true },
        { name: "time", type: "TIMESTAMP", data: [new Date(0)] },
        { name: "text", type: "STRING", data: ["1"] },
      ]),
    ),
  );
  expect([...parquet.numeric]).toEqual(["int", "double"]);
});

test("any rows of any columns are read, over row groups whose bytes follow each other", async () => {
  const bytes = file(
    [
      { name: "a", data: names, type: "STRING" },
      { name: "b", data: names.map((_, i) => i), type: "INT32" },
    ],
    { rowGroupSize: 4 },
  );
  const parquet = await openParquet(memorySource(bytes));
  expect([parquet.columns, parquet.rowCount]).toEqual([["a", "b"], 10]);
  expect(parquet.groups.map(({ firstRow, lastRow }) => [firstRow, lastRow])).toEqual([
    [0, 4],
    [4, 8],
    [8, 10],
  ]);
  for (const [i, group] of parquet.groups.entries()) {
    expect(group.from).toBe(i === 0 ? 4 : parquet.groups[i - 1]!.to);
    expect(new TextDecoder().decode(bytes.subarray(group.from, group.to))).toContain(names[group.firstRow]);
  }
  for (const [from, to] of [
    [0, 10],
    [3, 5],
    [4, 8],
    [9, 99],
    [5, 5],
  ] as const)
    expect(await parquet.read(from, to, ["b"])).toEqual(names.map((_, b) => ({ b })).slice(from, to));
});

test.each(["UNCOMPRESSED", "SNAPPY"] as const)(
  "every way to write numbers and texts is read (%s)",
  async (codec) => {
    const counts = names.map((_, i) => i * 1000 - 3);
    const texts = names.map((_, i) => "ab".repeat(i % 4));
    const rows = await rowsOf(
      file(
        [
          { name: "plain", data: counts, type: "INT32", encoding: "PLAIN" },
          { name: "dictionary", data: texts, type: "STRING", encoding: "RLE_DICTIONARY" },
          { name: "delta", data: counts.map(BigInt), type: "INT64", encoding: "DELTA_BINARY_PACKED" },
          { name: "lengths", data: names, type: "STRING", encoding: "DELTA_LENGTH_BYTE_ARRAY" },
          { name: "split", data: counts, type: "DOUBLE", encoding: "BYTE_STREAM_SPLIT" },
          { name: "flags", data: counts.map((x) => x > 0), type: "BOOLEAN", encoding: "RLE" },
          { name: "gaps", data: texts.map((x) => (x === "" ? null : x)), type: "STRING", nullable: true },
        ],
        { codec },
      ),
    );
    expect(rows).toEqual(
      counts.map((x, i) => ({
        plain: x,
        dictionary: texts[i],
        delta: x,
        lengths: names[i],
        split: x,
        flags: x > 0,
        gaps: texts[i] === "" ? null : texts[i],
      })),
    );
  },
);

test("an encoding whose values can grow without end is refused by name", async () => {
  const bytes = file([{ name: "a", data: names, type: "STRING", encoding: "DELTA_BYTE_ARRAY" }]);
  await expect(rowsOf(bytes)).rejects.toMatchObject({ code: "refused" });
  await expect(rowsOf(bytes)).rejects.toThrow("DELTA_BYTE_ARRAY");
});

test("a file cut off anywhere, or whose footer has another length, is damaged", async () => {
  const bytes = file([{ name: "a", data: names, type: "STRING" }]);
  for (let to = 0; to < bytes.length; to++)
    await expect(openParquet(memorySource(bytes.subarray(0, to)))).rejects.toMatchObject({ code: "damaged" });
  for (const length of [0, 7, bytes.length - 11, 0xffffffff]) {
    const wrong = bytes.slice();
    new DataView(wrong.buffer).setUint32(wrong.length - 8, length, true);
    expect(await parquetColumns(memorySource(wrong))).toBeNull();
  }
});

test("whatever byte is wrong, rows are read or an error says so, quickly", async () => {
  const bytes = file(
    [
      { name: "a", data: names.map((name) => name.repeat(3)), type: "STRING" },
      { name: "b", data: names.map((_, i) => i % 3), type: "INT32" },
      { name: "c", data: names.map((_, i) => ({ i })), type: "JSON" },
    ],
    { codec: "UNCOMPRESSED" },
  );
  let damaged = 0;
  for (let at = 4; at < bytes.length - 4; at++) {
    for (const byte of [0, 0x7f, 0x80, 0xff]) {
      const wrong = bytes.slice();
      wrong[at] = byte;
      const started = performance.now();
      await rowsOf(wrong).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ContainerError);
        damaged++;
      });
      expect(performance.now() - started).toBeLessThan(1000);
    }
  }
  expect(damaged).toBeGreaterThan(bytes.length);
});

test("structures whose lists announce more than is there are refused before they are built", () => {
  // Field 1, a list of structures, nested: each level would take 256 MiB if it was believed.
  const nested = Uint8Array.from({ length: 600 }, (_, i) =>
    i === 0 ? 0x19 : [0xf9, 0xff, 0xff, 0xff, 0x0f][(i - 1) % 5]!,
  );
  expect(() => checkThrift(nested, 0)).toThrow("more entries than it has bytes");
  expect(() => checkThrift(new Uint8Array(100).fill(0x1c), 0)).toThrow("nested too deeply");
  expect(() => checkThrift(new Uint8Array([0x16, ...new Uint8Array(50).fill(0xff)]), 0)).toThrow("64 bits");
  // Field 1 = 150, field 2 = "ab", a list of two booleans, a double, the end.
  const good = [0x16, 0xac, 0x02, 0x18, 2, 0x61, 0x62, 0x19, 0x21, 1, 2, 0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99];
  expect(checkThrift(new Uint8Array(good), 0)).toBe(good.length - 1);
});

test("runs are believed up to the number of values, no further", () => {
  // 5 times the value 3; 8 packed values of 2 bits.
  expect(checkRuns(new Uint8Array([10, 3, 3, 0xe4, 0x1b]), 0, 2, 11)).toBe(5);
  expect(() => checkRuns(new Uint8Array([12, 3]), 0, 2, 5)).toThrow("more values than there are");
  expect(() => checkRuns(new Uint8Array([0xfe, 0xff, 0xff, 0xff, 0x0f, 0]), 0, 1, 5)).toThrow("more values");
  // A million packed values of no bits take no bytes.
  expect(() => checkRuns(new Uint8Array([0xff, 0xff, 0x3f]), 0, 0, 5)).toThrow("more values than there are");
  expect(() => checkRuns(new Uint8Array([10]), 0, 40, 5)).toThrow("more than 32 bits");
  expect(() => checkRuns(new Uint8Array([0]), 0, 1, 1)).toThrow("ends too early");
  expect(() => checkDeltas(new Uint8Array([128, 1, 0, 5, 2]), 0, 5)).toThrow("strange size");
  expect(() => checkDeltas(new Uint8Array(40).fill(0xff), 0, 5)).toThrow("64 bits");
});
