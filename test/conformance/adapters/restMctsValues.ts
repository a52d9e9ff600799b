import { treeValues } from "../../../src/core/credit/primitives/treeValues.ts";
import type { Adapter } from "../adapter.ts";
import { flatten, type FlatTree, type TreeNode } from "./restMctsTree.ts";

/** The official code leaves m at 1024 and V at 0 where no right end is known, and takes no samples there. */
export const restMctsValues: Adapter = {
  file: "rest_mcts_values",
  values: ({ tree }) => {
    const flat = flatten(tree as TreeNode);
    const n = flat.parent.length;
    const lanes = {
      value: new Float64Array(n),
      distance: new Float64Array(n),
      onPath: new Float64Array(n),
    };
    treeValues(flat, lanes);
    const outOf = (i: number): Record<string, unknown> => ({
      name: flat.names[i],
      V: Number.isNaN(lanes.value[i]!) ? 0 : lanes.value[i],
      m: Number.isNaN(lanes.distance[i]!) ? 1024 : lanes.distance[i],
      he: lanes.onPath[i],
      children: flat.children[i]!.map(outOf),
    });
    return { values: outOf(0), samples: samplesOf(flat, lanes.value) };
  },
};

function samplesOf({ paths }: FlatTree, value: Float64Array): readonly { steps: string; value: number }[] {
  return paths.flatMap((steps, i) =>
    i === 0 || Number.isNaN(value[i]!) ? [] : [{ steps, value: value[i]! }],
  );
}
