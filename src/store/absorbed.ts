import { basename, posix } from "node:path";
import type { FileIndex } from "./fileIndex.ts";
import type { Absorbed, Member } from "./runBatch.ts";

/** Files that are read with another one that is there too: they are not listed by themselves. */
export function partsOfOthers(files: readonly FileIndex[]): ReadonlySet<FileIndex> {
  const owners = new Set(files.filter(isOwner).map(pathOf));
  const isPart = (file: FileIndex): boolean => {
    const owner = file.format?.partOf?.(pathOf(file)) ?? null;
    return owner !== null && owners.has(beside(file, owner));
  };
  return new Set(files.filter(isPart));
}

/** It may be read with others: a file that names a folder, or the first of several that continue each other. */
function isOwner({ format, path }: FileIndex): boolean {
  return format?.isFolder?.(basename(path)) === true || format?.partOf !== undefined;
}

/** Rows that another file says better, and halves of trajectories of other files. */
export function absorbedBy(files: readonly FileIndex[]): Absorbed {
  const better = betterFiles(files);
  const halves = halvesOf(files);
  return {
    concerns: (file) => better.has(file) || halves.of.has(file) || halves.taken.has(file),
    has: (file, row) =>
      better.get(file)?.table.rowOf(file.table.id(row)) !== undefined ||
      halves.taken.get(file)?.has(row) === true,
    halfOf: (file, row) => halves.of.get(file)?.get(row),
  };
}

/** For each file whose rows another file may say better: that file. */
function betterFiles(files: readonly FileIndex[]): ReadonlyMap<FileIndex, FileIndex> {
  const byPath = new Map(files.map((file) => [pathOf(file), file]));
  const better = new Map<FileIndex, FileIndex>();
  for (const file of files) {
    const name = file.format?.sameAs?.(pathOf(file)) ?? null;
    const other = name === null ? undefined : byPath.get(beside(file, name));
    if (other !== undefined && other !== file && other.format === file.format) better.set(file, other);
  }
  return better;
}

interface Halves {
  readonly of: ReadonlyMap<FileIndex, ReadonlyMap<number, Member>>;
  readonly taken: ReadonlyMap<FileIndex, ReadonlySet<number>>;
}

/** Halves with the trajectory of their train step that shares their key; a key that several share joins none of them. */
function halvesOf(files: readonly FileIndex[]): Halves {
  const of = new Map<FileIndex, Map<number, Member>>();
  const taken = new Map<FileIndex, Set<number>>();
  const halves = files.filter(({ format }) => format?.isHalf === true);
  if (halves.length === 0) return { of, taken };
  const keyOf = (file: FileIndex, row: number): string | null => {
    const joinKey = file.table.joinKey(row);
    return Number.isNaN(joinKey) ? null : `${file.table.placing(row).trainStep} ${joinKey}`;
  };
  const byKey = new Map<string, Member | null>();
  for (const file of halves)
    for (let row = 0; row < file.table.length; row++) {
      const key = keyOf(file, row);
      if (key !== null) byKey.set(key, byKey.has(key) ? null : { file, row });
    }
  for (const file of files) {
    if (file.format?.joinKey === undefined || file.format.isHalf === true) continue;
    for (let row = 0; row < file.table.length; row++) {
      const key = keyOf(file, row);
      const half = key === null ? undefined : byKey.get(key);
      if (half === undefined || half === null) continue;
      add(of, file, () => new Map<number, Member>()).set(row, half);
      add(taken, half.file, () => new Set<number>()).add(half.row);
    }
  }
  return { of, taken };
}

function add<V>(map: Map<FileIndex, V>, file: FileIndex, make: () => V): V {
  let value = map.get(file);
  if (value === undefined) map.set(file, (value = make()));
  return value;
}

function pathOf({ path }: FileIndex): string {
  return path.replaceAll("\\", "/");
}

function beside(file: FileIndex, name: string): string {
  return posix.join(posix.dirname(pathOf(file)), name);
}
