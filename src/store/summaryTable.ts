import type { RecordLocator } from "../core/format/format.ts";
import type { TrajectorySummary } from "../core/rollout/summary.ts";
import { groupSources, type Split, type TokenSource } from "../core/rollout/trajectory.ts";
import { type StoredStrings, StringPool } from "./stringPool.ts";

const splits: readonly Split[] = ["train", "validation"];

/** Numbers kept of each trajectory, by the smallest type that holds them; strings are indices into a pool. */
const columnTypes = {
  from: Float64Array,
  to: Float64Array,
  line: Float64Array,
  trainStep: Float64Array,
  reward: Float64Array,
  joinKey: Float64Array,
  part: Int32Array,
  id: Int32Array,
  run: Int32Array,
  group: Int32Array,
  prompt: Int32Array,
  tokenSource: Int32Array,
  nTokens: Int32Array,
  nChars: Int32Array,
  nTurns: Int32Array,
  groupSource: Int8Array,
  split: Int8Array,
  success: Int8Array,
  truncated: Int8Array,
  damaged: Int8Array,
} as const;
type ColumnName = keyof typeof columnTypes;
type Columns = { [K in ColumnName]: InstanceType<(typeof columnTypes)[K]> };
const columnNames = Object.keys(columnTypes) as ColumnName[];

/** Where a trajectory lies: its record, and which of the record's trajectories it is. */
export interface TrajectoryPlace {
  readonly locator: RecordLocator;
  readonly part: number;
}

/** The string of the row before: as the pool gives it back, so that no longer text is kept by it. */
interface LastString {
  text: string | null;
  index: number;
}

/** What of a summary decides where a trajectory stands in its run. */
export type Placing = Pick<TrajectorySummary, "run" | "group" | "groupSource" | "trainStep" | "split">;

/** A table as plain data, to be kept in a file; views of what it holds, not copies. */
export interface StoredTable {
  readonly length: number;
  readonly columns: Readonly<Record<string, ArrayBufferView>>;
  readonly strings: StoredStrings;
}

/** Summaries of a file's trajectories as columns: about 90 bytes each, and no text but ids and prompts. Rows are only added. */
export class SummaryTable {
  #columns: Columns;
  readonly #pool: StringPool;
  /** Row of the trajectory whose id is a string of the pool, by that string's index; −1 = no id. */
  #rowOfString: Int32Array;
  #length = 0;
  readonly #readRun: LastString = { text: null, index: -1 };
  readonly #readGroup: LastString = { text: null, index: -1 };
  readonly #lastGroup: LastString = { text: null, index: -1 };
  readonly #lastPrompt: LastString = { text: null, index: -1 };

  constructor(capacity = 64, pool = new StringPool()) {
    this.#columns = columnsOf(capacity);
    this.#pool = pool;
    this.#rowOfString = new Int32Array(capacity).fill(-1);
  }

  get length(): number {
    return this.#length;
  }

  /** Row of an id, undefined where the file has none. */
  rowOf(id: string): number | undefined {
    const string = this.#pool.find(id);
    const row = string < 0 ? -1 : (this.#rowOfString[string] ?? -1);
    return row < 0 ? undefined : row;
  }

  /** Adds a row, unless the file has one of that id already. @returns whether it is added */
  push(
    id: string,
    summary: TrajectorySummary,
    place: TrajectoryPlace & { readonly damaged: boolean },
  ): boolean {
    const row = this.#length;
    const name = this.#pool.index(id);
    if (name < this.#rowOfString.length && this.#rowOfString[name]! >= 0) return false;
    if (row === this.#columns.from.length) this.#columns = columnsOf(row + (row >> 1), this.#columns);
    const columns = this.#columns;
    const pool = this.#pool;
    columns.from[row] = place.locator.from;
    columns.to[row] = place.locator.to;
    columns.line[row] = place.locator.line;
    columns.part[row] = place.part;
    columns.trainStep[row] = summary.trainStep ?? NaN;
    columns.reward[row] = summary.reward;
    columns.joinKey[row] = summary.joinKey;
    columns.id[row] = name;
    columns.run[row] = pool.index(summary.run);
    columns.tokenSource[row] = pool.index(summary.tokenSource);
    columns.group[row] = this.#sameOr(summary.group, this.#lastGroup);
    columns.prompt[row] = this.#sameOr(summary.prompt, this.#lastPrompt);
    columns.nTokens[row] = summary.nTokens;
    columns.nChars[row] = summary.nChars;
    columns.nTurns[row] = summary.nTurns;
    columns.groupSource[row] = groupSources.indexOf(summary.groupSource);
    columns.split[row] = summary.split === "train" ? 0 : 1;
    columns.success[row] = fromFlag(summary.success);
    columns.truncated[row] = fromFlag(summary.truncated);
    columns.damaged[row] = place.damaged ? 1 : 0;
    this.#nameRow(name, row);
    this.#length++;
    return true;
  }

  summary(row: number): TrajectorySummary {
    const columns = this.#columns;
    const text = (name: ColumnName): string | null => this.#pool.text(columns[name][row]!);
    const trainStep = columns.trainStep[row]!;
    return {
      id: text("id")!,
      run: text("run"),
      group: text("group"),
      groupSource: groupSources[columns.groupSource[row]!]!,
      trainStep: Number.isNaN(trainStep) ? null : trainStep,
      split: splits[columns.split[row]!]!,
      reward: columns.reward[row]!,
      success: toFlag(columns.success[row]!),
      truncated: toFlag(columns.truncated[row]!),
      nTokens: columns.nTokens[row]!,
      nChars: columns.nChars[row]!,
      nTurns: columns.nTurns[row]!,
      tokenSource: text("tokenSource") as TokenSource,
      prompt: text("prompt")!,
      joinKey: columns.joinKey[row]!,
    };
  }

  /** What tells a row's batch and group; cheaper than its summary where neighbours are of one group. */
  placing(row: number): Placing {
    const columns = this.#columns;
    const trainStep = columns.trainStep[row]!;
    return {
      run: this.#textOf(columns.run[row]!, this.#readRun),
      group: this.#textOf(columns.group[row]!, this.#readGroup),
      groupSource: groupSources[columns.groupSource[row]!]!,
      trainStep: Number.isNaN(trainStep) ? null : trainStep,
      split: splits[columns.split[row]!]!,
    };
  }

  #textOf(index: number, last: LastString): string | null {
    if (index !== last.index) {
      last.index = index;
      last.text = this.#pool.text(index);
    }
    return last.text;
  }

  id(row: number): string {
    return this.#pool.text(this.#columns.id[row]!)!;
  }

  joinKey(row: number): number {
    return this.#columns.joinKey[row]!;
  }

  /** Reward of a row; NaN = missing. */
  reward(row: number): number {
    return this.#columns.reward[row]!;
  }

  place(row: number): TrajectoryPlace {
    const { from, to, line, part } = this.#columns;
    return { locator: { from: from[row]!, to: to[row]!, line: line[row]! }, part: part[row]! };
  }

  isDamaged(row: number): boolean {
    return this.#columns.damaged[row] === 1;
  }

  store(): StoredTable {
    const columns = Object.fromEntries(
      columnNames.map((name) => [name, this.#columns[name].subarray(0, this.#length)]),
    );
    return { length: this.#length, columns, strings: this.#pool.store() };
  }

  /** @returns null where the data are no table of this version */
  static restore({ length, columns, strings }: StoredTable): SummaryTable | null {
    const fits = columnNames.every((name) => {
      const column = columns[name];
      return column instanceof columnTypes[name] && column.length === length;
    });
    const pool = fits ? StringPool.restore(strings) : null;
    if (pool === null) return null;
    const table = new SummaryTable(Math.max(64, length), pool);
    for (const name of columnNames) table.#columns[name].set(columns[name] as Columns[ColumnName]);
    table.#length = length;
    for (let row = 0; row < length; row++) table.#nameRow(table.#columns.id[row]!, row);
    return table;
  }

  /** Index of a string: neighbours are mostly of one group, and comparing is cheaper than looking up. */
  #sameOr(text: string | null, last: LastString): number {
    if (text !== last.text) {
      last.index = this.#pool.index(text);
      last.text = this.#pool.text(last.index);
    }
    return last.index;
  }

  #nameRow(string: number, row: number): void {
    if (string >= this.#rowOfString.length) {
      const larger = new Int32Array(Math.ceil(1.5 * Math.max(string, this.#rowOfString.length))).fill(-1);
      larger.set(this.#rowOfString);
      this.#rowOfString = larger;
    }
    this.#rowOfString[string] = row;
  }
}

function columnsOf(capacity: number, before?: Columns): Columns {
  const columns = Object.fromEntries(
    columnNames.map((name) => [name, new columnTypes[name](capacity)]),
  ) as unknown as Columns;
  if (before !== undefined) for (const name of columnNames) columns[name].set(before[name]);
  return columns;
}

function fromFlag(flag: boolean | null): number {
  return flag === null ? -1 : flag ? 1 : 0;
}

function toFlag(value: number): boolean | null {
  return value < 0 ? null : value === 1;
}
