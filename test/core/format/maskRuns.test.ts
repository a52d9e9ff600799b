import { expect, test } from "vitest";
import {
  type MaskedTokens,
  maskRuns,
  placeTokens,
  runTurns,
  tokensApart,
} from "../../../src/core/format/maskRuns.ts";
import { textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../src/core/rollout/trajectory.ts";

function tokens(mask: readonly number[]): MaskedTokens {
  const n = mask.length;
  const values = Float64Array.from(mask, (_, t) => t);
  return { n, ids: Int32Array.from(values), mask: Uint8Array.from(mask), columns: new Map([["x", values]]) };
}

/** A letter a message: A is trained on. */
function messages(letters: string): readonly Turn[] {
  return Array.from(letters, (letter, i) => textTurn(letter === "A" ? "assistant" : "user", letter, i - 1));
}

function placed(letters: string, mask: readonly number[]): readonly (readonly number[] | null)[] | null {
  const found = placeTokens(messages(letters), tokens(mask));
  return found?.turns.map((turn) => (turn.tokens === null ? null : [...turn.tokens.ids!])) ?? null;
}

test("runs are as long as they can be", () => {
  expect(maskRuns(Uint8Array.from([]))).toEqual([]);
  expect(maskRuns(Uint8Array.from([0, 0, 1, 0]))).toEqual([
    { from: 0, to: 2, trained: false },
    { from: 2, to: 3, trained: true },
    { from: 3, to: 4, trained: false },
  ]);
});

test("each message has its run; those before the first answer share one", () => {
  expect(placed("uA", [0, 0, 1])).toEqual([[0, 1], [2]]);
  expect(placed("suAuA", [0, 1, 1, 0, 1])).toEqual([null, [0], [1, 2], [3], [4]]);
  expect(placed("Au", [1, 0])).toEqual([[0], [1]]);
});

test("what does not fit is not guessed", () => {
  // The environment's last message is the one that is trained on, as in a real log of Atropos.
  expect(placed("suAu", [0, 0, 1])).toBeNull();
  expect(placed("uAuuA", [0, 1, 0, 1])).toBeNull();
  expect(placed("uAA", [0, 1])).toBeNull();
  expect(placed("uA", [0, 1, 0])).toBeNull();
  expect(placed("uA", [1, 0])).toBeNull();
  expect(placed("uA", [])).toBeNull();
});

test("tokens apart are whole, and the messages train on nothing", () => {
  const { turns } = tokensApart(messages("uA"), tokens([0, 1, 0]));
  expect(turns.map(({ role, trainable }) => [role, trainable])).toEqual([
    ["user", false],
    ["assistant", false],
    ["tokens", true],
  ]);
  expect([...turns[2]!.tokens!.mask]).toEqual([0, 1, 0]);
});

test("a run's turn holds its own columns, and none that has no number there", () => {
  const all = tokens([0, 1, 1]);
  const columns = new Map([...all.columns, ["y", new Float64Array([NaN, 1, NaN])] as const]);
  const { turns } = runTurns({ ...all, columns });
  expect(turns.map(({ role, tokens: own }) => [role, [...own!.columns.keys()]])).toEqual([
    ["prompt", ["x"]],
    ["assistant", ["x", "y"]],
  ]);
  expect(turns[1]!.tokens!.columns.get("x")!.buffer.byteLength).toBe(16);
});
