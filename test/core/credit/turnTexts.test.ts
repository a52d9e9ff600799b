import { describe, expect, test } from "vitest";
import { observationsOf, turnPaths } from "../../../src/core/credit/turnTexts.ts";
import { textTurn } from "../../../src/core/rollout/textTrajectory.ts";

describe("texts around the policy's turns", () => {
  test("what the environment answered lies between a turn and the next; none where nothing does", () => {
    const turns = [
      textTurn("user", "Go.", -1),
      textTurn("assistant", "open", 0),
      textTurn("tool", "A door.", 1),
      textTurn("user", "And?", 2),
      textTurn("assistant", "walk", 3),
      textTurn("assistant", "stop", 4),
    ];
    expect(observationsOf(turns, [1, 4, 5])).toEqual(["A door.\nAnd?", null, null]);
    expect(observationsOf(turns.slice(0, 3), [1])).toEqual(["A door."]);
  });

  test("paths are equal as long as all turns before are, by role and text", () => {
    const path = (...texts: string[]) => ({
      trajectory: { turns: texts.map((text, i) => textTurn("assistant", text, i - 1)) },
      policyTurns: texts.map((_, i) => i),
    });
    expect([...turnPaths([path("a", "b", "c"), path("a", "b", "d"), path("x", "b")])]).toEqual([
      0, 1, 2, 0, 1, 3, 4, 5,
    ]);
  });

  test("paths follow the links of the turns: a turn that goes back to an earlier one shares its path only", () => {
    const turns = [
      textTurn("assistant", "a", -1),
      textTurn("assistant", "b", 0),
      textTurn("assistant", "b", 0),
    ];
    expect([...turnPaths([{ trajectory: { turns }, policyTurns: [0, 1, 2] }])]).toEqual([0, 1, 1]);
  });
});
