/** A tree as the golden files nest it. */
export interface TreeNode {
  readonly name: string;
  readonly correct_leaf: boolean;
  readonly children: readonly TreeNode[];
}

/** The same as the product takes it, with what the outputs name nodes by. */
export interface FlatTree {
  readonly parent: Int32Array;
  readonly correct: Uint8Array;
  readonly names: readonly string[];
  /** Names from the child of the root on. */
  readonly paths: readonly string[];
  readonly children: readonly (readonly number[])[];
}

/** Nodes in the order they are nested: parents before children. */
export function flatten(root: TreeNode): FlatTree {
  const [parent, correct]: [number[], number[]] = [[], []];
  const [names, paths]: [string[], string[]] = [[], []];
  const children: number[][] = [];
  const add = (node: TreeNode, above: number): void => {
    const i = parent.push(above) - 1;
    correct.push(node.correct_leaf ? 1 : 0);
    names.push(node.name);
    paths.push(above < 0 ? "" : paths[above]! + node.name);
    children.push([]);
    if (above >= 0) children[above]!.push(i);
    for (const child of node.children) add(child, i);
  };
  add(root, -1);
  return { parent: Int32Array.from(parent), correct: Uint8Array.from(correct), names, paths, children };
}
