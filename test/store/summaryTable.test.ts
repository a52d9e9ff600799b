import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { TrajectorySummary } from "../../src/core/rollout/summary.ts";
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

test("data that are no table of this version are none", () => {
  const table = new SummaryTable();
  const { length, columns, strings } = table.store();
  expect(SummaryTable.restore({ length: 1, columns, strings })).toBeNull();
  expect(SummaryTable.restore({ length, columns: {}, strings })).toBeNull();
  expect(
    SummaryTable.restore({ length, columns, strings: { ...strings, wide: Uint8Array.of(0) } }),
  ).toBeNull();
});
