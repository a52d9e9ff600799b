import { outcomeOf } from "../rollout/summary.ts";
import type { BatchShape, ColumnName, ColumnTypes } from "./columns.ts";
import type { Row } from "./row.ts";
import type { ScoredStep } from "./scoredSteps.ts";

/** A batch as a method sees it, with the way back from its steps to the trajectories. */
export interface Assembled {
  readonly input: BatchShape & Partial<ColumnTypes>;
  /** Scored steps of each rollout. */
  readonly scored: readonly (readonly ScoredStep[])[];
}

/**
 * Concatenates the rows' columns.
 * @param groups group key of each row; null = a group of one
 * @param columns those a method reads; all rows have them
 */
export function assemble(
  rows: readonly Row[],
  groups: readonly (string | null)[],
  columns: ReadonlySet<ColumnName>,
  source: string,
): Assembled {
  const scored = rows.map((row) => (columns.has("stepReward") ? (row.scoredSteps(source) ?? []) : []));
  const positions = offsetsOf(rows.map((row) => (row.tokenSource === "none" ? 0 : row.positions.n)));
  const steps = offsetsOf(scored.map(({ length }) => length));
  const nSteps = steps.at(-1)!;
  const stepEnd = new Int32Array(nSteps);
  const stepTokens = new Int32Array(nSteps);
  scored.forEach((list, r) =>
    list.forEach(({ end, tokens }, k) => {
      stepEnd[steps[r]! + k] = end < 0 ? -1 : positions[r]! + end;
      stepTokens[steps[r]! + k] = tokens;
    }),
  );
  const mask = new Uint8Array(positions.at(-1)!);
  rows.forEach((row, r) => {
    if (positions[r + 1]! > positions[r]!) mask.set(row.positions.mask, positions[r]);
  });
  const shape: BatchShape = {
    nRollouts: rows.length,
    positions,
    steps,
    ...groupIndices(groups),
    mask,
    stepEnd,
    stepTokens,
  };
  const read: Partial<ColumnTypes> = {};
  for (const column of columns) Object.assign(read, readColumn(column, rows, { source, positions, scored }));
  return { input: { ...shape, ...read }, scored };
}

interface ReadContext {
  readonly source: string;
  readonly positions: Int32Array;
  readonly scored: readonly (readonly ScoredStep[])[];
}

function readColumn(column: ColumnName, rows: readonly Row[], context: ReadContext): Partial<ColumnTypes> {
  const perToken = (values: (row: Row) => Float64Array): Float64Array => {
    const out = new Float64Array(context.positions.at(-1)!);
    rows.forEach((row, r) => out.set(values(row), context.positions[r]));
    return out;
  };
  switch (column) {
    case "reward":
      return { reward: Float64Array.from(rows, ({ trajectory }) => outcomeOf(trajectory)) };
    case "success":
      return {
        success: Float64Array.from(rows, ({ trajectory }) =>
          trajectory.success === null ? NaN : Number(trajectory.success),
        ),
      };
    case "finalValue":
      return {
        finalValue: Float64Array.from(rows, ({ trajectory }) =>
          trajectory.truncated === true ? trajectory.finalValue : NaN,
        ),
      };
    case "tokenReward":
      return { tokenReward: perToken((row) => row.placedRewards()!.rewards) };
    case "value":
      return { value: perToken((row) => row.values(context.source)!) };
    case "kl":
      return { kl: perToken((row) => row.column("kl")!) };
    case "advantage":
      return { advantage: perToken((row) => row.tokenColumn("advantages")!) };
    case "ids":
      return { ids: idsOf(rows, context.positions) };
    case "stepReward":
      return { stepReward: Float64Array.from(context.scored.flat(), ({ reward }) => reward) };
    case "mask":
      return {};
  }
}

/** Token ids over the positions. A turn without ids (a tool's) stands for its text: equal texts, equal ids below 0. */
function idsOf(rows: readonly Row[], offsets: Int32Array): Int32Array {
  const ids = new Int32Array(offsets.at(-1)!);
  rows.forEach(({ trajectory: { turns }, positions: { first, token } }, r) => {
    turns.forEach(({ tokens, content }, i) => {
      const [from, to] = [offsets[r]! + first[i]!, offsets[r]! + first[i + 1]!];
      if (from === to) return;
      if (tokens === null || tokens.ids === null) ids.fill(textId(content), from, to);
      else ids.set(tokens.ids.subarray(token[first[i]!]), from);
    });
  });
  return ids;
}

function textId(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return -1 - (hash >>> 1);
}

function groupIndices(keys: readonly (string | null)[]): Pick<BatchShape, "group" | "nGroups"> {
  const indices = new Map<string, number>();
  let nGroups = 0;
  const group = Int32Array.from(keys, (key) => {
    if (key === null) return nGroups++;
    let index = indices.get(key);
    if (index === undefined) indices.set(key, (index = nGroups++));
    return index;
  });
  return { group, nGroups };
}

function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((n, i) => (offsets[i + 1] = offsets[i]! + n));
  return offsets;
}
