import type { BatchKey } from "../protocol/store.ts";
import type { FileIndex } from "./fileIndex.ts";
import type { Placing } from "./summaryTable.ts";

/** A trajectory of a run: its file's index and its row there. */
export interface Member {
  readonly file: FileIndex;
  readonly row: number;
  /** What another file holds of the same trajectory: its token columns are added when it is read. */
  readonly half?: Member;
}

/** Rollouts of one prompt at one train step, in log order. `key` is unique in its batch. */
export interface Group {
  readonly key: string;
  readonly group: string | null;
  readonly members: readonly Member[];
}

/** Rows that are no members of their own, by file: what another file says better, or half of another trajectory. */
export interface Absorbed {
  /** Rows of the file may be absorbed, or joined with halves: each must be asked for. */
  concerns(file: FileIndex): boolean;
  has(file: FileIndex, row: number): boolean;
  halfOf(file: FileIndex, row: number): Member | undefined;
}

export const nothingAbsorbed: Absorbed = {
  concerns: () => false,
  has: () => false,
  halfOf: () => undefined,
};

/** Rows of a file that follow each other, and the number of members before them. */
interface Stretch {
  readonly before: number;
  readonly from: number;
  to: number;
}

interface Parts {
  readonly members: readonly Member[];
  readonly groups: readonly Group[];
}

/**
 * Trajectories of one (run, train step, split): what credit is computed over. Held as stretches of rows, since logs have
 * millions of rollouts and a tree shows dozens: members and groups are made when they are first asked for, and kept.
 */
export class RunBatch {
  readonly key: BatchKey;
  readonly #absorbed: Absorbed;
  /** Each file's in the order of its rows. */
  readonly #stretches = new Map<FileIndex, Stretch[]>();
  #size = 0;
  #parts: Parts | null = null;

  constructor(key: BatchKey, absorbed: Absorbed = nothingAbsorbed) {
    this.key = key;
    this.#absorbed = absorbed;
  }

  /** Adds a row of the file that was added to last, or of another, behind those that are there; while the batch is made. */
  push(file: FileIndex, row: number): void {
    let stretches = this.#stretches.get(file);
    if (stretches === undefined) this.#stretches.set(file, (stretches = []));
    const last = stretches.at(-1);
    if (last?.to === row) last.to++;
    else stretches.push({ before: this.#size, from: row, to: row + 1 });
    this.#size++;
  }

  /** Number of members. */
  get size(): number {
    return this.#size;
  }

  /** In log order. */
  get members(): readonly Member[] {
    return this.#kept().members;
  }

  /** In the order of their first members, which are the objects of `members`. */
  get groups(): readonly Group[] {
    return this.#kept().groups;
  }

  /** Members and groups for one look: not kept for it, so that looking through all batches needs no memory. */
  look(): Parts {
    return this.#parts ?? this.#make();
  }

  get last(): Member | null {
    const of = [...this.#stretches].at(-1);
    return of === undefined ? null : this.#member(of[0], of[1].at(-1)!.to - 1);
  }

  /** Place of a row among the members; −1 where it is none. */
  indexOf({ file, row }: Pick<Member, "file" | "row">): number {
    const stretches = this.#stretches.get(file) ?? [];
    let [low, high] = [0, stretches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (stretches[middle]!.to <= row) low = middle + 1;
      else high = middle;
    }
    const stretch = stretches[low];
    return stretch === undefined || row < stretch.from ? -1 : stretch.before + row - stretch.from;
  }

  /** The members are the same rows: a file that grows keeps its index, one that is read anew has another. */
  isSameAs(other: RunBatch): boolean {
    if (this.#size !== other.#size || this.#stretches.size !== other.#stretches.size) return false;
    return [...this.#stretches].every(([file, stretches]) => {
      const others = other.#stretches.get(file);
      return (
        others?.length === stretches.length &&
        stretches.every((one, i) => isSame(one, others[i]!)) &&
        this.#hasSameHalves(other, file, stretches)
      );
    });
  }

  #hasSameHalves(other: RunBatch, file: FileIndex, stretches: readonly Stretch[]): boolean {
    if (!this.#absorbed.concerns(file) && !other.#absorbed.concerns(file)) return true;
    for (const { from, to } of stretches)
      for (let row = from; row < to; row++) {
        const [a, b] = [this.#absorbed.halfOf(file, row), other.#absorbed.halfOf(file, row)];
        if (a?.row !== b?.row || a?.file !== b?.file) return false;
      }
    return true;
  }

  #kept(): Parts {
    return (this.#parts ??= this.#make());
  }

  #member(file: FileIndex, row: number): Member {
    const half = this.#absorbed.concerns(file) ? this.#absorbed.halfOf(file, row) : undefined;
    return half === undefined ? { file, row } : { file, row, half };
  }

  #make(): Parts {
    const members: Member[] = [];
    const groups = new Map<string, { key: string; group: string | null; members: Member[] }>();
    const keys = new GroupKeys();
    const add = (file: FileIndex, row: number): void => {
      const member = this.#member(file, row);
      members.push(member);
      const { key, group } = keys.of(file, row);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { key, group, members: [member] });
      else known.members.push(member);
    };
    for (const [file, stretches] of this.#stretches)
      for (const { from, to } of stretches) for (let row = from; row < to; row++) add(file, row);
    return { members, groups: [...groups.values()] };
  }
}

function isSame(a: Stretch, b: Stretch): boolean {
  return a.before === b.before && a.from === b.from && a.to === b.to;
}

/** Keys of groups; neighbours are mostly of one group, so that its key is made once. */
class GroupKeys {
  #file: FileIndex | null = null;
  #row = -1;
  #last: { readonly key: string; readonly group: string | null } = { key: "", group: null };
  #block = 0;

  of(file: FileIndex, row: number): { readonly key: string; readonly group: string | null } {
    const { table } = file;
    const follows = this.#file === file && this.#row === row - 1 && table.isGroupOf(row, row - 1);
    this.#file = file;
    this.#row = row;
    if (follows) return this.#last;
    const placing = table.placing(row);
    if (placing.groupSource === "contiguous") this.#block = table.firstOfGroup(row);
    const id = placing.group === null ? table.id(row) : "";
    this.#last = { key: groupKeyOf(file.path, placing, { block: this.#block, id }), group: placing.group };
    return this.#last;
  }
}

/**
 * A rollout without a group shares it with no other, whatever its id is in another file; equal prompts, rows that follow
 * each other and lines make a group in one file only, as two dumps of a step are two samplings.
 */
function groupKeyOf(
  path: string,
  { group, groupSource }: Placing,
  { block, id }: { readonly block: number; readonly id: string },
): string {
  if (group === null) return `-${path}\n${id}`;
  switch (groupSource) {
    case "same-prompt":
    case "line":
      return `=${path}\n${group}`;
    case "contiguous":
      return `~${path}\n${block}\n${group}`;
    case "explicit":
    case "uid-prefix":
    case "none":
      return `+${group}`;
  }
}
