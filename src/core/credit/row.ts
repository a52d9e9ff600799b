import { outcomeOf } from "../rollout/summary.ts";
import { type Positions, positionsOf } from "../rollout/positions.ts";
import type { StepSpans } from "../rollout/stepSpans.ts";
import { type TokenSource, type Trajectory, tokenSourceOf } from "../rollout/trajectory.ts";
import type { ColumnName } from "./columns.ts";
import { placeRewards } from "./placeRewards.ts";

/** A step that has a score: where it stands in its trajectory and in the rollout's positions. */
export interface ScoredStep {
  readonly turn: number;
  /** Index in the turn's steps. */
  readonly step: number;
  readonly reward: number;
  /** Last position of the step, −1 without tokens. */
  readonly end: number;
  readonly tokens: number;
}

/** A column of one trajectory with where it was read: logged, or a scorer's name. */
interface Sourced<T> {
  readonly values: T;
  readonly source: string;
}

/** One trajectory of a batch as columns, each made when a method first asks for it. */
export class Row {
  readonly trajectory: Trajectory;
  readonly positions: Positions;
  readonly tokenSource: TokenSource;
  readonly #scored = new Map<string, Sourced<readonly ScoredStep[]> | null>();
  readonly #values = new Map<string, Sourced<Float64Array> | null>();

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
      case "mask":
        return this.tokenSource !== "none" && this.positions.n > 0;
      case "tokenReward":
        return placeRewards(this.trajectory, this.positions) !== null;
      case "finalValue":
        return true;
      case "ids":
        return (
          this.has("mask", source) &&
          this.#everyTrained((turn) => this.trajectory.turns[turn]!.tokens?.ids !== null)
        );
      case "value":
        return this.has("mask", source) && this.values(source) !== null;
      case "kl":
        return this.has("mask", source) && this.column("kl") !== null;
      case "advantage":
        return (
          this.has("mask", source) && this.tokenColumn("advantages")?.some((x) => !Number.isNaN(x)) === true
        );
      case "stepReward":
        return this.scoredSteps(source) !== null;
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

  /** Values of the log, else of a scorer, by `source` (auto, logged, or the scorer's name). */
  values(source: string): Float64Array | null {
    return this.sourcedValues(source)?.values ?? null;
  }

  sourcedValues(source: string): Sourced<Float64Array> | null {
    let found = this.#values.get(source);
    if (found === undefined) {
      const names = columnNames(
        this.trajectory.turns.flatMap(({ tokens }) => [...(tokens?.columns.keys() ?? [])]),
      );
      found = pick(source, { logged: "values", scored: "value@" }, names, (name) => this.column(name));
      this.#values.set(source, found);
    }
    return found;
  }

  scoredSteps(source: string): readonly ScoredStep[] | null {
    return this.sourcedSteps(source)?.values ?? null;
  }

  sourcedSteps(source: string): Sourced<readonly ScoredStep[]> | null {
    let found = this.#scored.get(source);
    if (found === undefined) {
      const names = columnNames(this.trajectory.turns.flatMap(({ steps }) => [...steps.columns.keys()]));
      found = pick(source, { logged: "reward", scored: "prm@" }, names, (name) => this.#scoredBy(name));
      this.#scored.set(source, found);
    }
    return found;
  }

  #scoredBy(column: string): readonly ScoredStep[] | null {
    const scored: ScoredStep[] = [];
    this.trajectory.turns.forEach((turn, i) => {
      const rewards = turn.steps.columns.get(column);
      if (rewards === undefined || !turn.trainable) return;
      const ends = this.#stepEnds(turn.steps, i);
      rewards.forEach((reward, k) => {
        if (!Number.isNaN(reward))
          scored.push({ turn: i, step: k, reward, end: ends.end[k]!, tokens: ends.tokens[k]! });
      });
    });
    return scored.length > 0 ? scored : null;
  }

  /** Last position and number of tokens of each step of a turn: a token belongs to the step its start lies in. */
  #stepEnds(steps: StepSpans, turn: number): { end: Int32Array; tokens: Int32Array } {
    const end = new Int32Array(steps.n).fill(-1);
    const count = new Int32Array(steps.n);
    const tokens = this.trajectory.turns[turn]!.tokens;
    if (tokens === null || this.tokenSource === "none") return { end, tokens: count };
    for (let t = 0; t < this.positions.n; t++) {
      if (this.positions.turn[t] !== turn) continue;
      const k = stepAt(steps, tokens.start[this.positions.token[t]!]!);
      if (k < 0) continue;
      end[k] = t;
      count[k]!++;
    }
    return { end, tokens: count };
  }

  #everyTrained(holds: (turn: number) => boolean): boolean {
    const { n, turn, mask } = this.positions;
    for (let t = 0; t < n; t++) if (mask[t] === 1 && !holds(turn[t]!)) return false;
    return true;
  }
}

/** Step whose span holds a character, −1 where none does. */
export function stepAt(steps: StepSpans, offset: number): number {
  let low = 0;
  let high = steps.n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps.end[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low < steps.n && steps.start[low]! <= offset ? low : -1;
}

function columnNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** A logged column where it is there, else a scorer's; or the one that is asked for. */
function pick<T>(
  source: string,
  { logged, scored }: { readonly logged: string; readonly scored: string },
  names: readonly string[],
  read: (name: string) => T | null,
): Sourced<T> | null {
  const found = (name: string, from: string): Sourced<T> | null => {
    const values = names.includes(name) ? read(name) : null;
    return values === null ? null : { values, source: from };
  };
  if (source === "logged") return found(logged, "logged");
  if (source !== "auto") return found(scored + source, source);
  const ofLog = found(logged, "logged");
  if (ofLog !== null) return ofLog;
  for (const name of names) {
    const other = name.startsWith(scored) ? found(name, name.slice(scored.length)) : null;
    if (other !== null) return other;
  }
  return null;
}
