import { joinTokens } from "../core/format/joinTokens.ts";
import type { Issue } from "../core/rollout/issue.ts";
import type { Trajectory } from "../core/rollout/trajectory.ts";
import { type FileIndex, holds } from "./fileIndex.ts";
import { UserError } from "../protocol/userError.ts";
import { openFile } from "./fileSource.ts";
import { FilesNear } from "./nearby.ts";
import type { Member } from "./runBatch.ts";

export interface Loaded {
  readonly trajectory: Trajectory;
  /** Damage of its record. */
  readonly issues: readonly Issue[];
}

/** The file is not the one that was indexed any more: index it again. */
export class StaleIndex extends UserError {
  constructor(path: string) {
    super("store/changed", `${path} has changed while it was read. Try again.`);
  }
}

/**
 * Reads trajectories from their records, in the order asked for, each file opened once.
 * @throws StaleIndex when a file has changed since it was indexed; UserError when it cannot be read
 */
export async function loadTrajectories(members: readonly Member[]): Promise<readonly Loaded[]> {
  const loaded: Loaded[] = Array.from({ length: members.length });
  const byFile = new Map<FileIndex, number[]>();
  members.forEach(({ file }, i) => {
    const indices = byFile.get(file);
    if (indices === undefined) byFile.set(file, [i]);
    else indices.push(i);
  });
  for (const [file, indices] of byFile) await loadFrom(file, indices, members, loaded);
  return withHalves(members, loaded);
}

/** Adds the token columns that other files hold of the same trajectories. */
async function withHalves(members: readonly Member[], loaded: readonly Loaded[]): Promise<readonly Loaded[]> {
  const halves = members.flatMap(({ half }) => half ?? []);
  if (halves.length === 0) return loaded;
  const others = await loadTrajectories(halves);
  let next = 0;
  return loaded.map((one, i) => {
    if (members[i]!.half === undefined) return one;
    const other = others[next++]!;
    const trajectory = joinTokens(one.trajectory, other.trajectory);
    return { trajectory, issues: [...one.issues, ...other.issues] };
  });
}

async function loadFrom(
  index: FileIndex,
  indices: readonly number[],
  members: readonly Member[],
  out: Loaded[],
): Promise<void> {
  const file = await openFile(index.path);
  const near = new FilesNear(index.path);
  try {
    if (!(await holds(index, file))) throw new StaleIndex(index.path);
    const places = indices.map((i) => index.table.place(members[i]!.row));
    // A record that holds several trajectories is read once.
    const locators = new Map(places.map(({ locator }) => [locator.from, locator]));
    const context = { path: index.path.replaceAll("\\", "/"), near };
    const records = await index.format!.load(file, context, [...locators.values()]);
    const byPlace = new Map([...locators.keys()].map((from, k) => [from, records[k]!]));
    indices.forEach((i, k) => {
      const { locator, part } = places[k]!;
      const record = byPlace.get(locator.from)!;
      const trajectory = record.trajectories[part];
      if (trajectory === undefined) throw new StaleIndex(index.path);
      const { id, group, groupSource } = index.table.summary(members[i]!.row);
      out[i] = { trajectory: { ...trajectory, id, group, groupSource }, issues: record.issues };
    });
  } finally {
    await near.close();
    await file.close();
  }
}
