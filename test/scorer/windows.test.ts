import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sequence } from "../../src/scorer/sequence.ts";
import { planRuns } from "../../src/scorer/sharedPrompt.ts";
import { batchesOf, type Window, windowsOf } from "../../src/scorer/windows.ts";

/** A text whose ids are their positions in it, the prompt's negative. */
function text(prompt: number, n: number): Sequence {
  return {
    before: Array.from({ length: prompt }, (_, i) => i - prompt),
    ids: Array.from({ length: n }, (_, i) => i),
    mark: new Int32Array(0),
    texts: [],
    logged: 0,
  } as unknown as Sequence;
}

describe("windows", () => {
  test("of a text that fits are one, of a longer one overlap by half", () => {
    expect(windowsOf(3, text(4, 12), 16)).toMatchObject([{ item: 3, from: 0, to: 12, keep: 0, length: 16 }]);
    // Of twenty tokens eight fit behind the half that the prompt may take, the next begin four later.
    expect(
      windowsOf(0, text(20, 20), 16).map(({ before, from, to, keep }) => [before.length, from, to, keep]),
    ).toEqual([
      [8, 0, 8, 0],
      [8, 4, 12, 8],
      [8, 8, 16, 12],
      [8, 12, 20, 16],
    ]);
    // Its first token, which models lean on, and its end.
    expect(windowsOf(0, text(20, 20), 16)[0]!.before).toEqual([-20, -7, -6, -5, -4, -3, -2, -1]);
  });

  test("keep every position once, and fit", () => {
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 16, max: 64 }),
        (p, n, most) => {
          const kept: number[] = [];
          for (const { length, keep, from, to } of windowsOf(0, text(p, n), most)) {
            expect(length).toBeLessThanOrEqual(most);
            expect(keep).toBeGreaterThanOrEqual(from);
            for (let i = keep; i < to; i++) kept.push(i);
          }
          expect(kept).toEqual(Array.from({ length: n }, (_, i) => i));
        },
      ),
    );
  });
});

const ofLength = (length: number, item: number): Window => windowsOf(item, text(0, length), 1 << 20)[0]!;

describe("batches", () => {
  test("hold every window once, within their size", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 60 }),
        fc.integer({ min: 500, max: 4000 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 20 }),
        (lengths, tokens, worth, rows) => {
          const batches = batchesOf(lengths.map(ofLength), { tokens, worth, rows });
          expect(batches.flatMap((batch) => batch.map(({ item }) => item)).toSorted((a, b) => a - b)).toEqual(
            [...lengths.keys()],
          );
          for (const batch of batches) {
            const padded = batch.length * Math.max(...batch.map(({ length }) => length));
            expect(batch.length).toBeLessThanOrEqual(rows);
            if (batch.length > 1) expect(padded).toBeLessThanOrEqual(tokens);
          }
        },
      ),
    );
  });

  test("of many texts waste little on padding", () => {
    const windows = Array.from({ length: 512 }, (_, i) => ofLength(40 + ((i * 7919) % 600), i));
    const used = windows.reduce((sum, { length }) => sum + length, 0);
    const padded = batchesOf(windows, { tokens: 2048, worth: 512, rows: Infinity }).reduce(
      (sum, batch) => sum + batch.length * batch[0]!.length,
      0,
    );
    expect(used / padded).toBeGreaterThan(0.95);
  });

  test("of few texts pad them where a run by itself is not worth its start, and only there", () => {
    const windows = [300, 150, 140, 20, 10].map(ofLength);
    const lengths = (worth: number): number[][] =>
      batchesOf(windows, { tokens: 900, worth, rows: Infinity }).map((batch) =>
        batch.map(({ length }) => length),
      );
    expect(lengths(600)).toEqual([
      [300, 150, 140],
      [20, 10],
    ]);
    expect(lengths(96)).toEqual([[300], [150, 140], [20, 10]]);
  });
});

describe("runs behind a shared prompt", () => {
  const past = { tokenBytes: 1000 };
  const size = { tokens: 2048, worth: 512, rows: Infinity };
  const of = (prompt: number, n: number, item: number, most = 4096): readonly Window[] =>
    windowsOf(item, text(prompt, n), most);

  test("are made of four texts or more of a prompt of 64 tokens or more that are read whole", () => {
    const shared = (windows: readonly Window[]): number =>
      planRuns(windows, size, past).reduce(
        (n, { windows: own, prompt }) => n + (prompt === null ? 0 : own.length),
        0,
      );
    const group = (n: number, prompt: number, most?: number): Window[] =>
      Array.from({ length: n }, (_, i) => of(prompt, 30, i, most)).flat();
    expect(shared(group(4, 64))).toBe(4);
    expect(shared(group(3, 64))).toBe(0);
    expect(shared(group(9, 63))).toBe(0);
    expect(shared([...group(5, 70), ...group(6, 80), ...group(2, 90)])).toBe(11);
    // Read in windows.
    expect(shared(group(9, 70, 96))).toBe(0);
    expect(planRuns(group(9, 70), size, null).every(({ prompt }) => prompt === null)).toBe(true);
    // A prompt whose keys and values would fill the memory.
    expect(planRuns(group(9, 70), size, { tokenBytes: 2 ** 24 }).every(({ prompt }) => prompt === null)).toBe(
      true,
    );
  });

  test("leave the prompt's last token to each text, and can be put together again", () => {
    const windows = Array.from({ length: 9 }, (_, i) => of(64, 10 + i, i)).flat();
    const batches = planRuns(windows, size, past);
    for (const { windows: own, prompt } of batches) {
      expect(own.length).toBeLessThanOrEqual(4);
      expect(prompt!.length).toBe(63);
      for (const window of own) {
        expect(window.before).toEqual([-1]);
        expect(window.length).toBe(1 + window.to);
        expect(prompt!.whole(window)).toEqual(windows[window.item]);
      }
    }
    expect(batches.flatMap(({ windows: own }) => own).length).toBe(9);
  });
});
