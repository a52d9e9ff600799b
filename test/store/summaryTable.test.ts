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
  groupSource: fc.constantFrom("explicit", "uid-prefix", "same-prompt", "none"),
  trainStep: fc.option(fc.maxSafeInteger()),
  split: fc.constantFrom("train", "validation"),
  reward: fc.oneof(fc.double(), fc.constant(NaN), fc.constant(Infinity)),
  success: flag,
  truncated: flag,
  nTokens: count,
  nChars: count,
  nTurns: count,
  tokenSource: fc.constantFrom("logged", "none", "scorer:m"),
  prompt: fc.string(),
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
    }),
  );
});
