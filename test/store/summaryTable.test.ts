import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { TrajectorySummary } from "../../src/core/rollout/summary.ts";
import type { RecordLocator } from "../../src/core/format/format.ts";
import { pageLength } from "../../src/store/pagedArray.ts";
import { SummaryTable } from "../../src/store/summaryTable.ts";

const count = fc.nat(2 ** 40);
const text = fc.option(fc.string());
const flag = fc.option(fc.boolean());
const summary: fc.Arbitrary<TrajectorySummary> = fc.record({
  id: fc.string(),
  run: text,
  group: text,
  groupSource: fc.constantFrom("explicit", "uid-prefix", "same-prompt", "contiguous", "line", "none"),
  trainStep: fc.option(fc.maxSafeInteger()),
  split: fc.constantFrom("train", "validation"),
  reward: fc.oneof(fc.double(), fc.constant(NaN), fc.constant(Infinity)),
  success: flag,
  truncated: flag,
  // No record is longer than a string can be, 2^29 characters.
  nTokens: fc.nat(),
  nChars: fc.nat(),
  nTurns: fc.nat(),
  tokenSource: fc.constantFrom("logged", "none", "scorer:m"),
  prompt: fc.string(),
  joinKey: fc.oneof(fc.maxSafeInteger(), fc.constant(NaN)),
});

const plain: TrajectorySummary = {
  id: "",
  run: null,
  group: null,
  groupSource: "contiguous",
  trainStep: 1,
  split: "train",
  reward: 0,
  success: null,
  truncated: null,
  nTokens: 1,
  nChars: 1,
  nTurns: 1,
  tokenSource: "logged",
  prompt: "",
  joinKey: NaN,
};

test("a table gives back what was put in, whatever is missing, beyond files of 4 GiB", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(summary, count), { maxLength: 200 }), (rows) => {
      const table = new SummaryTable();
      rows.forEach(([one, from], row) => {
        const locator = { from: from * 1000, to: from * 1000 + row, line: row + 1 };
        table.push(`${row}`, one, { locator, part: row % 3, damaged: row % 2 === 1 });
      });
      expect(table.length).toBe(rows.length);
      rows.forEach(([one, from], row) => {
        expect(table.summary(row)).toEqual({ ...one, id: `${row}` });
        expect(table.place(row)).toEqual({
          locator: { from: from * 1000, to: from * 1000 + row, line: row + 1 },
          part: row % 3,
        });
        expect([table.rowOf(`${row}`), table.isDamaged(row)]).toEqual([row, row % 2 === 1]);
      });
      expect(table.rowOf("none")).toBeUndefined();
      const again = SummaryTable.restore(structuredClone(table.store()))!;
      expect(again.length).toBe(table.length);
      rows.forEach((_, row) => {
        expect(again.summary(row)).toEqual(table.summary(row));
        expect(again.place(row)).toEqual(table.place(row));
        expect(again.rowOf(`${row}`)).toBe(row);
      });
    }),
  );
});

test("rows beyond a page, and those added to a table that was kept, are as they were put in", () => {
  const n = 2 * pageLength + 10;
  const locator = (row: number): RecordLocator => ({ from: 10 * row, to: 10 * row + 9, line: row + 1 });
  const add = (table: SummaryTable, row: number): void => {
    const one = {
      ...plain,
      id: `row ${row}`,
      group: `g${row >> 3}`,
      reward: row / 2,
      prompt: `p${row >> 3}`,
    };
    table.push(one.id, one, { locator: locator(row), part: 0, damaged: false });
  };
  const table = new SummaryTable();
  for (let row = 0; row < n; row++) add(table, row);
  const again = SummaryTable.restore(table.store())!;
  for (let row = n; row < n + pageLength; row++) add(again, row);
  for (const row of [
    0,
    1,
    pageLength - 1,
    pageLength,
    2 * pageLength,
    n - 1,
    n,
    n + 100,
    n + pageLength - 1,
  ]) {
    expect(again.summary(row)).toMatchObject({ id: `row ${row}`, group: `g${row >> 3}`, reward: row / 2 });
    expect(again.place(row).locator).toEqual(locator(row));
    expect(again.rowOf(`row ${row}`)).toBe(row);
  }
  expect([table.length, again.length]).toEqual([n, n + pageLength]);
  expect(again.firstOfGroup(pageLength + 5)).toBe(pageLength);
});

test("data that are no table of this version are none", () => {
  const table = new SummaryTable();
  const place = { locator: { from: 0, to: 1, line: 1 }, part: 0, damaged: false };
  table.push("a", { ...plain, id: "a" }, place);
  const { columns, strings } = table.store();
  expect(SummaryTable.restore({ columns, strings })?.length).toBe(1);
  expect(SummaryTable.restore({ columns: {}, strings })).toBeNull();
  expect(SummaryTable.restore({ columns: { ...columns, reward: [] }, strings })).toBeNull();
  expect(SummaryTable.restore({ columns: { ...columns, reward: [Int32Array.of(0)] }, strings })).toBeNull();
  expect(SummaryTable.restore({ columns, strings: { ...strings, wide: [] } })).toBeNull();
  expect(SummaryTable.restore({ columns, strings: { ...strings, bytes: [] } })).toBeNull();
  expect(SummaryTable.restore({ columns, strings: { ...strings, seed: [] } })).toBeNull();
});
