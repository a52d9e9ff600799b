import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";

/** Turns that the leaves of one trace may have together; more are no log, but a trap for memory. */
const mostTurns = 1 << 20;

/** A root-to-leaf path through a trace's nodes. */
export interface Branch {
  readonly leaf: number;
  readonly path: readonly number[];
}

/**
 * The branches of a message graph in the order of their leaves (nodes no other follows), as verifiers counts them. A
 * parent must be an earlier node, else its child is a root.
 */
export function branchesOf(
  nodes: readonly unknown[],
  { where, report }: Pick<RecordPlace, "report"> & { readonly where: string },
): readonly Branch[] {
  const parents = new Int32Array(nodes.length).fill(-1);
  const depth = new Int32Array(nodes.length).fill(1);
  const isLeaf = new Uint8Array(nodes.length).fill(1);
  nodes.forEach((node, i) => {
    const parent = isRecord(node) ? (node["parent"] ?? null) : null;
    if (parent === null) return;
    if (typeof parent === "number" && Number.isInteger(parent) && parent >= 0 && parent < i) {
      parents[i] = parent;
      depth[i] = depth[parent]! + 1;
      isLeaf[parent] = 0;
    } else
      report(
        "bad-field",
        `${where}[${i}].parent is not the index of an earlier node; the node begins a branch.`,
      );
  });
  const branches: Branch[] = [];
  let turns = 0;
  for (let leaf = 0; leaf < nodes.length; leaf++) {
    if (isLeaf[leaf] === 0) continue;
    turns += depth[leaf]!;
    if (turns > mostTurns) {
      report("damaged", `${where} has branches of more than ${mostTurns} turns; the rest is left out.`);
      break;
    }
    const path = Array.from<number>({ length: depth[leaf]! });
    for (let node = leaf, k = path.length - 1; node >= 0; node = parents[node]!, k--) path[k] = node;
    branches.push({ leaf, path });
  }
  return branches;
}
