import type { RecordLocator } from "../core/format/format.ts";
import { GrowingColumn } from "../core/stats/growingColumn.ts";
import type { TrajectorySummary } from "../core/rollout/summary.ts";
import { groupSources, type Split, type TokenSource } from "../core/rollout/trajectory.ts";
import { StringPool } from "./stringPool.ts";

const splits: readonly Split[] = ["train", "validation"];

/** Numbers kept of each trajectory; strings are indices into a pool. */
const columnNames = [
  "from",
  "to",
  "line",
  "part",
  "id",
  "run",
  "group",
  "groupSource",
  "trainStep",
  "split",
  "reward",
  "success",
  "truncated",
  "nTokens",
  "nChars",
  "nTurns",
  "tokenSource",
  "prompt",
  "damaged",
] as const;
type ColumnName = (typeof columnNames)[number];

/** Where a trajectory lies: its record, and which of the record's trajectories it is. */
export interface TrajectoryPlace {
  readonly locator: RecordLocator;
  readonly part: number;
}

/** Summaries of a file's trajectories as columns: about 150 bytes each, and no text but ids and prompts. */
export class SummaryTable {
  readonly #columns = Object.fromEntries(columnNames.map((name) => [name, new GrowingColumn()])) as Record<
    ColumnName,
    GrowingColumn
  >;
  readonly #pool = new StringPool();
  readonly #rows = new Map<string, number>();

  get length(): number {
    return this.#columns.from.length;
  }

  /** Row of an id, undefined where the file has none. */
  rowOf(id: string): number | undefined {
    return this.#rows.get(id);
  }

  /** @param id unique in the file */
  push(id: string, summary: TrajectorySummary, place: TrajectoryPlace & { readonly damaged: boolean }): void {
    this.#rows.set(id, this.length);
    const pool = this.#pool;
    const values: Record<ColumnName, number> = {
      from: place.locator.from,
      to: place.locator.to,
      line: place.locator.line,
      part: place.part,
      id: pool.index(id),
      run: pool.index(summary.run),
      group: pool.index(summary.group),
      groupSource: groupSources.indexOf(summary.groupSource),
      trainStep: summary.trainStep ?? NaN,
      split: splits.indexOf(summary.split),
      reward: summary.reward,
      success: fromFlag(summary.success),
      truncated: fromFlag(summary.truncated),
      nTokens: summary.nTokens,
      nChars: summary.nChars,
      nTurns: summary.nTurns,
      tokenSource: pool.index(summary.tokenSource),
      prompt: pool.index(summary.prompt),
      damaged: place.damaged ? 1 : 0,
    };
    for (const name of columnNames) this.#columns[name].push(values[name]);
  }

  summary(row: number): TrajectorySummary {
    const at = (name: ColumnName): number => this.#columns[name].at(row);
    const text = (name: ColumnName): string | null => this.#pool.text(at(name));
    const trainStep = at("trainStep");
    return {
      id: text("id")!,
      run: text("run"),
      group: text("group"),
      groupSource: groupSources[at("groupSource")]!,
      trainStep: Number.isNaN(trainStep) ? null : trainStep,
      split: splits[at("split")]!,
      reward: at("reward"),
      success: toFlag(at("success")),
      truncated: toFlag(at("truncated")),
      nTokens: at("nTokens"),
      nChars: at("nChars"),
      nTurns: at("nTurns"),
      tokenSource: text("tokenSource") as TokenSource,
      prompt: text("prompt")!,
    };
  }

  place(row: number): TrajectoryPlace {
    const at = (name: ColumnName): number => this.#columns[name].at(row);
    return { locator: { from: at("from"), to: at("to"), line: at("line") }, part: at("part") };
  }

  isDamaged(row: number): boolean {
    return this.#columns.damaged.at(row) === 1;
  }
}

function fromFlag(flag: boolean | null): number {
  return flag === null ? -1 : flag ? 1 : 0;
}

function toFlag(value: number): boolean | null {
  return value < 0 ? null : value === 1;
}
