import { isRecord } from "../format/isRecord.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { actionOf, fieldOf, numberIn, numbersIn, stateSeen } from "./loggedFields.ts";
import type { RewardedTransition } from "./sampledRewards.ts";
import { type RewardTable, tableOf } from "./rewardTable.ts";

/** Reward tables that a trajectory holds, to be compared with each other. */
export interface LoggedTables {
  readonly tables: ReadonlyMap<string, RewardTable>;
  /** P(s′ | s, a); null = not logged. */
  readonly transition: Float64Array | null;
  /** NaN = not logged. */
  readonly discount: number;
}

/**
 * Fields `reward_tables` {name: [s][a][s′]}, `transition` [s][a][s′] and `discount`; null without two tables of one shape.
 */
export function tablesOf(trajectory: Trajectory): LoggedTables | null {
  const logged = fieldOf(trajectory, "reward_tables");
  if (!isRecord(logged)) return null;
  const tables = Object.entries(logged).flatMap(([name, value]) => {
    const table = tableIn(value);
    return table === null ? [] : [[name, table] as const];
  });
  const [, first] = tables[0] ?? [];
  const alike = (table: RewardTable): boolean =>
    table.states === first?.states && table.actions === first.actions;
  if (tables.length < 2 || !tables.every(([, table]) => alike(table))) return null;
  const transition = tableIn(fieldOf(trajectory, "transition"));
  return {
    tables: new Map(tables),
    transition: transition !== null && alike(transition) ? transition.values : null,
    discount: numberIn(fieldOf(trajectory, "discount")),
  };
}

/** Every two names of a list. */
export function pairsOf(names: readonly string[]): readonly (readonly [string, string])[] {
  return names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));
}

function tableIn(value: unknown): RewardTable | null {
  if (!Array.isArray(value)) return null;
  const lists = value.map((rows: unknown) => (Array.isArray(rows) ? rows.map(numbersIn) : [null]));
  if (!lists.every((rows) => rows.every((row) => row !== null))) return null;
  return tableOf(lists as readonly (readonly (readonly number[])[])[]);
}

/**
 * Transitions of the policy's turns that have a state and both rewards. The next state is the one that the policy's next turn
 * saw; after the last turn, that of the turns behind it, else an end of its own.
 * @param names numbers of turns: `reward` or any other field
 */
export function transitionsOf(
  { turns }: Trajectory,
  names: readonly [string, string],
): readonly (RewardedTransition & { readonly action: string })[] {
  const own = turns.flatMap(({ trainable }, i) => (trainable ? [i] : []));
  return own.flatMap((turn, k) => {
    const from = stateSeen(turns, turn);
    const next = own[k + 1];
    const to =
      next === undefined
        ? (turns.slice(turn + 1).findLast(({ state }) => state !== null)?.state ?? "end")
        : stateSeen(turns, next);
    const last = next ?? turns.length;
    const [first, second] = names.map((name) => numberAfter(turns.slice(turn, last), name));
    if (from === null || to === null || Number.isNaN(first) || Number.isNaN(second)) return [];
    return [{ from, to, first: first!, second: second!, action: actionOf(turns[turn]!) }];
  });
}

/** Sum of a number over a turn and what the environment answered; NaN = none of them has it. */
function numberAfter(turns: Trajectory["turns"], name: string): number {
  const found = turns
    .map((turn) => (name === "reward" ? turn.reward : numberIn(turn.extra.get(name))))
    .filter((x) => !Number.isNaN(x));
  return found.length === 0 ? NaN : found.reduce((a, b) => a + b, 0);
}
