import type { RecordLocator } from "../core/format/format.ts";
import type { TrajectorySummary } from "../core/rollout/summary.ts";
import { groupSources, type Split, type TokenSource } from "../core/rollout/trajectory.ts";
import { type ArrayType, PagedArray } from "./pagedArray.ts";
import { type StoredArrays, StringPool } from "./stringPool.ts";

const splits: readonly Split[] = ["train", "validation"];

/** Numbers kept of each trajectory, by the smallest type that holds them; strings are indices into a pool. */
const columnTypes = {
  from: "Float64Array",
  to: "Float64Array",
  line: "Float64Array",
  trainStep: "Float64Array",
  reward: "Float64Array",
  joinKey: "Float64Array",
  part: "Int32Array",
  id: "Int32Array",
  run: "Int32Array",
  group: "Int32Array",
  prompt: "Int32Array",
  tokenSource: "Int32Array",
  nTokens: "Int32Array",
  nChars: "Int32Array",
  nTurns: "Int32Array",
  groupSource: "Int8Array",
  split: "Int8Array",
  success: "Int8Array",
  truncated: "Int8Array",
  damaged: "Int8Array",
} as const satisfies Readonly<Record<string, ArrayType>>;
type ColumnName = keyof typeof columnTypes;
type Columns = { readonly [K in ColumnName]: PagedArray<(typeof columnTypes)[K]> };
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

/** A table as plain data, to be kept in a file: pages of its arrays by name, which are what it holds and no copies. */
export interface StoredTable {
  readonly columns: StoredArrays;
  readonly strings: StoredArrays;
}

/** Summaries of a file's trajectories as columns: about 90 bytes each, and no text but ids and prompts. Rows are only added. */
export class SummaryTable {
  readonly #columns: Columns;
  readonly #pool: StringPool;
  /** Row of the trajectory whose id is a string of the pool, by that string's index; −1 = no id. */
  readonly #rowOfString = new PagedArray("Int32Array");
  readonly #readRun: LastString = { text: null, index: -1 };
  readonly #readGroup: LastString = { text: null, index: -1 };
  readonly #lastGroup: LastString = { text: null, index: -1 };
  readonly #lastPrompt: LastString = { text: null, index: -1 };

  constructor(columns = noColumns(), pool = new StringPool()) {
    this.#columns = columns;
    this.#pool = pool;
    for (let row = 0; row < this.length; row++) this.#nameRow(columns.id.at(row)!, row);
  }

  get length(): number {
    return this.#columns.from.length;
  }

  /** Row of an id, undefined where the file has none. */
  rowOf(id: string): number | undefined {
    const string = this.#pool.find(id);
    const row = string < 0 ? -1 : (this.#rowOfString.at(string) ?? -1);
    return row < 0 ? undefined : row;
  }

  /** Adds a row, unless the file has one of that id already. @returns whether it is added */
  push(
    id: string,
    summary: TrajectorySummary,
    place: TrajectoryPlace & { readonly damaged: boolean },
  ): boolean {
    const row = this.length;
    const name = this.#pool.index(id);
    if ((this.#rowOfString.at(name) ?? -1) >= 0) return false;
    const columns = this.#columns;
    const pool = this.#pool;
    columns.from.push(place.locator.from);
    columns.to.push(place.locator.to);
    columns.line.push(place.locator.line);
    columns.part.push(place.part);
    columns.trainStep.push(summary.trainStep ?? NaN);
    columns.reward.push(summary.reward);
    columns.joinKey.push(summary.joinKey);
    columns.id.push(name);
    columns.run.push(pool.index(summary.run));
    columns.tokenSource.push(pool.index(summary.tokenSource));
    columns.group.push(this.#sameOr(summary.group, this.#lastGroup));
    columns.prompt.push(this.#sameOr(summary.prompt, this.#lastPrompt));
    columns.nTokens.push(summary.nTokens);
    columns.nChars.push(summary.nChars);
    columns.nTurns.push(summary.nTurns);
    columns.groupSource.push(groupSources.indexOf(summary.groupSource));
    columns.split.push(summary.split === "train" ? 0 : 1);
    columns.success.push(fromFlag(summary.success));
    columns.truncated.push(fromFlag(summary.truncated));
    columns.damaged.push(place.damaged ? 1 : 0);
    this.#nameRow(name, row);
    return true;
  }

  summary(row: number): TrajectorySummary {
    const columns = this.#columns;
    const text = (name: ColumnName): string | null => this.#pool.text(columns[name].at(row)!);
    const trainStep = columns.trainStep.at(row)!;
    return {
      id: text("id")!,
      run: text("run"),
      group: text("group"),
      groupSource: groupSources[columns.groupSource.at(row)!]!,
      trainStep: Number.isNaN(trainStep) ? null : trainStep,
      split: splits[columns.split.at(row)!]!,
      reward: columns.reward.at(row)!,
      success: toFlag(columns.success.at(row)!),
      truncated: toFlag(columns.truncated.at(row)!),
      nTokens: columns.nTokens.at(row)!,
      nChars: columns.nChars.at(row)!,
      nTurns: columns.nTurns.at(row)!,
      tokenSource: text("tokenSource") as TokenSource,
      prompt: text("prompt")!,
      joinKey: columns.joinKey.at(row)!,
    };
  }

  /** What tells a row's batch and group; cheaper than its summary where neighbours are of one group. */
  placing(row: number): Placing {
    const columns = this.#columns;
    const trainStep = columns.trainStep.at(row)!;
    return {
      run: this.#textOf(columns.run.at(row)!, this.#readRun),
      group: this.#textOf(columns.group.at(row)!, this.#readGroup),
      groupSource: groupSources[columns.groupSource.at(row)!]!,
      trainStep: Number.isNaN(trainStep) ? null : trainStep,
      split: splits[columns.split.at(row)!]!,
    };
  }

  /** Two rows are of one run, train step and split. */
  isBatchOf(a: number, b: number): boolean {
    const { run, trainStep, split } = this.#columns;
    return (
      run.at(a) === run.at(b) && split.at(a) === split.at(b) && Object.is(trainStep.at(a), trainStep.at(b))
    );
  }

  /** Two rows are of one group, as their log names it; rows without a group never are. */
  isGroupOf(a: number, b: number): boolean {
    const { group, groupSource } = this.#columns;
    return group.at(a) === group.at(b) && group.at(a) !== -1 && groupSource.at(a) === groupSource.at(b);
  }

  /** The first of the rows without a gap before a row that are of its group. */
  firstOfGroup(row: number): number {
    let first = row;
    while (first > 0 && this.isGroupOf(first - 1, row)) first--;
    return first;
  }

  #textOf(index: number, last: LastString): string | null {
    if (index !== last.index) {
      last.index = index;
      last.text = this.#pool.text(index);
    }
    return last.text;
  }

  id(row: number): string {
    return this.#pool.text(this.#columns.id.at(row)!)!;
  }

  joinKey(row: number): number {
    return this.#columns.joinKey.at(row)!;
  }

  /** Reward of a row; NaN = missing. */
  reward(row: number): number {
    return this.#columns.reward.at(row)!;
  }

  place(row: number): TrajectoryPlace {
    const { from, to, line, part } = this.#columns;
    return { locator: { from: from.at(row)!, to: to.at(row)!, line: line.at(row)! }, part: part.at(row)! };
  }

  isDamaged(row: number): boolean {
    return this.#columns.damaged.at(row) === 1;
  }

  store(): StoredTable {
    const columns = Object.fromEntries(columnNames.map((name) => [name, this.#columns[name].pages()]));
    return { columns, strings: this.#pool.store() };
  }

  /** Takes the arrays over. @returns null where the data are no table of this version */
  static restore({ columns: stored, strings }: StoredTable): SummaryTable | null {
    const columns: Partial<Record<ColumnName, PagedArray<ArrayType>>> = {};
    for (const name of columnNames) {
      const column = PagedArray.restore(columnTypes[name], stored[name]);
      if (column === null || column.length !== (columns.from ?? column).length) return null;
      columns[name] = column;
    }
    const pool = StringPool.restore(strings);
    return pool === null ? null : new SummaryTable(columns as Columns, pool);
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
    while (this.#rowOfString.length <= string) this.#rowOfString.push(-1);
    this.#rowOfString.set(string, row);
  }
}

function noColumns(): Columns {
  return Object.fromEntries(
    columnNames.map((name) => [name, new PagedArray(columnTypes[name])]),
  ) as unknown as Columns;
}

function fromFlag(flag: boolean | null): number {
  return flag === null ? -1 : flag ? 1 : 0;
}

function toFlag(value: number): boolean | null {
  return value < 0 ? null : value === 1;
}
