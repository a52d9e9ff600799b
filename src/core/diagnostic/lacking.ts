import { trajectoryNumber } from "../credit/ownNumbers.ts";
import { outcomeOf } from "../rollout/summary.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { MeasuredMember } from "./diagnostic.ts";
import { fieldOf } from "./loggedFields.ts";

/** Signals that a diagnostic reads together, and which of them some rollout of what it has seen lacks. */
export class Lacking {
  readonly #signals: readonly string[];
  readonly #lacked = new Set<string>();

  constructor(signals: readonly string[]) {
    this.#signals = signals;
  }

  see(members: readonly MeasuredMember[]): void {
    const sizes = new Map<string | null, number>();
    for (const { groupKey } of members) sizes.set(groupKey, (sizes.get(groupKey) ?? 0) + 1);
    for (const { trajectory, groupKey } of members)
      for (const signal of this.#signals) {
        const isThere =
          signal === "trajectory.group"
            ? groupKey !== null && sizes.get(groupKey)! > 1
            : hasSignal(trajectory, signal);
        if (!isThere) this.#lacked.add(signal);
      }
  }

  /** In the diagnostic's order; all of them where each is there somewhere in every rollout, but never where it counts. */
  get signals(): readonly string[] {
    const lacked = this.#signals.filter((signal) => this.#lacked.has(signal));
    return lacked.length === 0 ? this.#signals : lacked;
  }
}

/** Which of several signals some of these rollouts lack. */
export function lackingOf(members: readonly MeasuredMember[], signals: readonly string[]): readonly string[] {
  const lacking = new Lacking(signals);
  lacking.see(members);
  return lacking.signals;
}

function hasSignal(trajectory: Trajectory, signal: string): boolean {
  const dot = signal.indexOf(".");
  const name = signal.slice(dot + 1);
  const { turns } = trajectory;
  switch (signal.slice(0, dot)) {
    case "turn":
      return turns.some((turn) => {
        if (name === "reward") return !Number.isNaN(turn.reward);
        if (name === "state" || name === "agent") return turn[name] !== null;
        return isLogged(turn.extra.get(name));
      });
    case "step":
      return turns.some(({ steps }) => steps.columns.has(name) || steps.extra.has(name));
    case "token":
      return turns.some(
        ({ tokens }) => tokens?.columns.has(name) === true || tokens?.extra.has(name) === true,
      );
    default:
      return hasWhole(trajectory, name);
  }
}

function hasWhole(trajectory: Trajectory, name: string): boolean {
  if (name === "reward") return !Number.isNaN(outcomeOf(trajectory));
  if (name === "success") return trajectory.success !== null;
  if (name === "rewards") return trajectory.rewards.size > 0;
  return isLogged(fieldOf(trajectory, name)) || !Number.isNaN(trajectoryNumber(trajectory, name));
}

function isLogged(value: unknown): boolean {
  return value !== undefined && value !== null;
}
