import { type Filter, type FilterSubject, parseFilter } from "../core/rollout/filter.ts";
import { meanOf, stdOf } from "../core/stats/moments.ts";
import type { BatchRow, GroupRow, Page, RolloutRow, RowQuery } from "../protocol/store.ts";
import type { Run } from "./run.ts";
import type { Group, Member, RunBatch } from "./runBatch.ts";

/** Train steps of a run that hold a matching rollout, always in the order of training. */
export function batchRows(run: Run, query: RowQuery): Page<BatchRow> {
  const filter = parseFilter(query.filter);
  const batches =
    query.filter === ""
      ? run.batches
      : run.batches.filter((batch) => batch.look().groups.some((group) => anyMatches(group, filter)));
  return page(batches, query, batchRow);
}

/** A batch never changes, and its row is asked for at every look at the tree. */
const batchRowsKept = new WeakMap<RunBatch, BatchRow>();

function batchRow(batch: RunBatch): BatchRow {
  const known = batchRowsKept.get(batch);
  if (known !== undefined) return known;
  const { members, groups } = batch.look();
  const row = {
    key: batch.key,
    trajectories: members.length,
    groups: groups.length,
    groupsWithoutSignal: groups.filter(hasNoSignal).length,
    meanReward: meanOf(members.map(rewardOf)),
  };
  batchRowsKept.set(batch, row);
  return row;
}

/** Groups of a batch that hold a matching rollout. */
export function groupRows(batch: RunBatch, query: RowQuery): Page<GroupRow> {
  const filter = parseFilter(query.filter);
  const rows = batch.groups.filter((group) => query.filter === "" || anyMatches(group, filter)).map(groupRow);
  const keys: Record<RowQuery["sort"], ((row: GroupRow) => number | string) | null> = {
    log: null,
    id: (row) => row.group ?? "",
    reward: (row) => row.meanReward,
    spread: (row) => row.stdReward,
    length: (row) => row.trajectories,
  };
  return page(sorted(rows, keys[query.sort], query.descending), query, (row) => row);
}

function groupRow(group: Group): GroupRow {
  const { key, members } = group;
  const summaries = members.map(({ file, row }) => file.table.summary(row));
  const rewards = summaries.map(({ reward }) => reward);
  return {
    key,
    group: group.group,
    prompt: summaries[0]?.prompt ?? "",
    trajectories: members.length,
    rewarded: rewards.filter((x) => !Number.isNaN(x)).length,
    meanReward: meanOf(rewards),
    stdReward: stdOf(rewards),
    successes: summaries.filter(({ success }) => success === true).length,
    judged: summaries.filter(({ success }) => success !== null).length,
    noSignal: hasNoSignal(group),
  };
}

/** Matching rollouts of a group. */
export function rolloutRows(root: string, group: Group, query: RowQuery): Page<RolloutRow> {
  const filter = parseFilter(query.filter);
  const noSignal = hasNoSignal(group);
  const rows = group.members
    .map((member, i) => ({ member, index: i + 1 }))
    .filter(({ member }) => query.filter === "" || filter(subjectOf(member, noSignal)))
    .map(({ member, index }) => rolloutRow(root, member, index));
  const keys: Record<RowQuery["sort"], ((row: RolloutRow) => number | string) | null> = {
    log: null,
    spread: null,
    id: (row) => row.ref.id,
    reward: (row) => row.reward,
    length: (row) => (row.tokenSource === "none" ? row.nChars : row.nTokens),
  };
  return page(sorted(rows, keys[query.sort], query.descending), query, (row) => row);
}

export function rolloutRow(root: string, { file, row }: Member, index: number): RolloutRow {
  const { id, reward, success, truncated, nTokens, nChars, nTurns, tokenSource } = file.table.summary(row);
  const { line } = file.table.place(row).locator;
  const ref = { root, file: file.path, id };
  return {
    ref,
    index,
    reward,
    success,
    truncated,
    nTokens,
    nChars,
    nTurns,
    tokenSource,
    line,
    damaged: file.table.isDamaged(row),
  };
}

/** Two rewarded members or more, all with the same reward: the group teaches nothing. */
export function hasNoSignal({ members }: Group): boolean {
  const rewards = members.map(rewardOf).filter((x) => !Number.isNaN(x));
  return rewards.length > 1 && rewards.every((x) => x === rewards[0]);
}

function anyMatches(group: Group, filter: Filter): boolean {
  const noSignal = hasNoSignal(group);
  return group.members.some((member) => filter(subjectOf(member, noSignal)));
}

function subjectOf({ file, row }: Member, noSignal: boolean): FilterSubject {
  return { ...file.table.summary(row), noSignal };
}

function rewardOf({ file, row }: Member): number {
  return file.table.summary(row).reward;
}

/** Sorted by a key, missing numbers last whatever the direction; the log's order where the key is null. */
function sorted<T>(
  rows: readonly T[],
  key: ((row: T) => number | string) | null,
  descending: boolean,
): readonly T[] {
  if (key === null) return rows;
  const sign = descending ? -1 : 1;
  const missing = (x: number | string): boolean => typeof x === "number" && Number.isNaN(x);
  return rows.toSorted((left, right) => {
    const [a, b] = [key(left), key(right)];
    if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
    return (
      sign * (typeof a === "string" ? a.localeCompare(String(b), "en", { numeric: true }) : a - Number(b))
    );
  });
}

function page<T, R>(rows: readonly T[], { from, to }: RowQuery, make: (row: T) => R): Page<R> {
  return { total: rows.length, rows: rows.slice(from, to).map(make) };
}
