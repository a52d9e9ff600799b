import { type Positions, positionsOf } from "../rollout/positions.ts";
import { outcomeOf } from "../rollout/summary.ts";
import { type TokenSource, type Trajectory, tokenSourceOf } from "../rollout/trajectory.ts";
import type { ColumnName } from "./columns.ts";
import { type PlacedRewards, placeRewards } from "./placeRewards.ts";
import { type ScoredStep, scoredSteps } from "./scoredSteps.ts";
import { pickSource, type Sourced } from "./sourced.ts";

/** One trajectory of a batch as columns, each made when a method first asks for it. */
export class Row {
  readonly trajectory: Trajectory;
  readonly positions: Positions;
  readonly tokenSource: TokenSource;
  readonly #scored = new Map<string, Sourced<readonly ScoredStep[]> | null>();
  readonly #values = new Map<string, Sourced<Float64Array> | null>();
  #placed: PlacedRewards | null | undefined;

  constructor(trajectory: Trajectory) {
    this.trajectory = trajectory;
    this.tokenSource = tokenSourceOf(trajectory);
    this.positions = positionsOf(trajectory);
  }

  /** True where the trajectory has all that a column needs. */
  has(column: ColumnName, source: string): boolean {
    switch (column) {
      case "reward":
        return !Number.isNaN(outcomeOf(this.trajectory));
      case "success":
        return this.trajectory.success !== null;
      case "finalValue":
        return true;
      case "tokenReward":
        return this.placedRewards() !== null;
      case "stepReward":
        return this.scoredSteps(source) !== null;
      case "mask":
        return this.#hasTokens();
      case "ids":
        return this.#hasTokens() && this.#hasIds();
      case "value":
        return this.#hasTokens() && this.values(source) !== null;
      case "kl":
        return this.#hasTokens() && this.column("kl") !== null;
      case "advantage":
        return this.#hasTokens() && this.tokenColumn("advantages")?.some((x) => !Number.isNaN(x)) === true;
    }
  }

  /** A token column over the positions, NaN where a turn lacks it; null where no turn has it. */
  tokenColumn(name: string): Float64Array | null {
    const { turns } = this.trajectory;
    if (!turns.some(({ tokens }) => tokens?.columns.has(name) === true)) return null;
    const { n, turn, token } = this.positions;
    const out = new Float64Array(n).fill(NaN);
    for (let t = 0; t < n; t++) out[t] = turns[turn[t]!]!.tokens?.columns.get(name)?.[token[t]!] ?? NaN;
    return out;
  }

  /** The same, null as well where a trained token lacks it; 0 where a masked one does. */
  column(name: string): Float64Array | null {
    const column = this.tokenColumn(name);
    if (column === null) return null;
    for (let t = 0; t < column.length; t++) {
      if (!Number.isNaN(column[t]!)) continue;
      if (this.positions.mask[t] === 1) return null;
      column[t] = 0;
    }
    return column;
  }

  /** Rewards over the positions, as return methods read them; null where the log holds none. */
  placedRewards(): PlacedRewards | null {
    this.#placed ??= placeRewards(this.trajectory, this.positions);
    return this.#placed;
  }

  /** Values of the log, else of a scorer, by `source` (auto, logged, or the scorer's name). */
  values(source: string): Float64Array | null {
    return this.sourcedValues(source)?.values ?? null;
  }

  sourcedValues(source: string): Sourced<Float64Array> | null {
    let found = this.#values.get(source);
    if (found === undefined) {
      const names = this.trajectory.turns.flatMap(({ tokens }) => [...(tokens?.columns.keys() ?? [])]);
      found = pickSource(source, { logged: "values", scored: "value@" }, names, (name) => this.column(name));
      this.#values.set(source, found);
    }
    return found;
  }

  /** Steps scored by the log, else by a scorer, by `source`; null where none is. */
  scoredSteps(source: string): readonly ScoredStep[] | null {
    return this.sourcedSteps(source)?.values ?? null;
  }

  sourcedSteps(source: string): Sourced<readonly ScoredStep[]> | null {
    let found = this.#scored.get(source);
    if (found === undefined) {
      const { turns } = this.trajectory;
      const names = turns.flatMap(({ steps }) => [...steps.columns.keys()]);
      const positions = this.tokenSource === "none" ? null : this.positions;
      found = pickSource(source, { logged: "reward", scored: "prm@" }, names, (name) =>
        scoredSteps(this.trajectory, positions, name),
      );
      this.#scored.set(source, found);
    }
    return found;
  }

  #hasTokens(): boolean {
    return this.tokenSource !== "none" && this.positions.n > 0;
  }

  /** Every trained token has an id. */
  #hasIds(): boolean {
    const { first, mask } = this.positions;
    return this.trajectory.turns.every(
      ({ tokens }, i) =>
        tokens === null || tokens.ids !== null || !mask.subarray(first[i], first[i + 1]).includes(1),
    );
  }
}
