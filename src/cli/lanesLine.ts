import type { BatchCredit } from "../core/credit/batchCredit.ts";
import type { TurnCredit } from "../core/credit/credit.ts";

/**
 * `lanes` of a line of `credit --json`: the numbers on the way to the credit by name. `value` is the batch's or the
 * rollout's number; lanes of turns, steps and tokens have an entry a turn at their own level.
 */
export function lanesOf(run: BatchCredit, r: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(run.lanes)
      .filter(([name]) => name !== "credit")
      .map(([name, { level, doc }]) => [name, { level, doc, ...numbersOf(run, r, name) }]),
  );
}

function numbersOf(run: BatchCredit, r: number, name: string): Record<string, unknown> {
  const found = run.spread(r, name);
  if (found === null || found.level === "trajectory") return { value: run.lane(r, name)[0] ?? NaN };
  const { level, turns } = found;
  return { turns: turns.map((turn, i) => ({ turn: i, ...atLevel(level, turn) })) };
}

function atLevel(
  level: "turn" | "step" | "token",
  { credit, steps, tokens }: TurnCredit,
): Record<string, unknown> {
  if (level === "turn") return { value: credit ?? NaN };
  const numbers = level === "step" ? steps : tokens;
  return numbers === undefined ? {} : { [`${level}s`]: [...numbers] };
}
