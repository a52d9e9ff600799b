import { routeValues } from "../../../src/core/credit/primitives/treeValues.ts";
import type { Adapter } from "../adapter.ts";
import { flatten, type TreeNode } from "./restMctsTree.ts";

/** Samples are listed from the terminal's parent up, the children of each in their order. */
export const restMctsRouteValues: Adapter = {
  file: "rest_mcts_route_values",
  values: ({ tree, terminal }) => {
    const { parent, names, paths, children } = flatten(tree as TreeNode);
    const empty = (): Float64Array => new Float64Array(parent.length).fill(NaN);
    const lanes = { value: empty(), numerator: empty(), length: empty() };
    const end = names.indexOf(terminal as string);
    routeValues(parent, end, lanes);
    const samples: { steps: string; value: number }[] = [];
    for (let i = parent[end]!; i >= 0; i = parent[i]!)
      for (const child of children[i]!) samples.push({ steps: paths[child]!, value: lanes.value[child]! });
    return { samples };
  },
};
