import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import { type BatchForest, stepForest } from "../primitives/stepForest.ts";
import { routeValues, treeValues } from "../primitives/treeValues.ts";

const lanes = {
  value: { level: "step", doc: "V of the partial solution up to the step" },
  before: { level: "step", doc: "V of the one before it, 0 at the first" },
  distance: { level: "step", doc: "m: steps to the nearest right end, itself counted" },
  sign: { level: "step", doc: "ρ: 1 above a right end, −1 elsewhere" },
  numerator: { level: "step", doc: "route: depth of the step; beside the route, depth of its parent − 1" },
  length: { level: "step", doc: "route: depth of the right end" },
} as const;

type Input = MethodInput<"stepText" | "success", "step.node">;
type Output = MethodOutput<keyof typeof lanes>;

/**
 * ReST-MCTS* step values: quality of a partial solution inferred from the right and wrong ends of the tree it stands in.
 * The tree is the group's rollouts: they share a node while their steps are equal.
 *
 * Zhang et al. (arXiv:2406.03816); THUDM/ReST-MCTS `MCTS/base.py`. The paper's weighted reward is the
 * same with m one less. A group without a right rollout gives no values, as released.
 */
export const restMcts = creditMethod({
  id: "restMcts",
  label: "ReST-MCTS*",
  doc: "Step values from a tree of solutions: they rise to 1 along steps to a right end, and fall where none is below.",
  paper: "https://arxiv.org/abs/2406.03816",
  math: String.raw`V_k = \max\left(0,\; V_{k-1} + \frac{(1 - V_{k-1})\, \rho_k}{m_k}\right), \qquad V_0 = 0`,
  status: "code",
  level: "step",
  comparesGroup: true,
  needs: ["stepText", "success"],
  uses: ["step.node"],
  alsoNeeds: ({ tree }) => (tree === "node" ? ["step.node"] : []),
  params: {
    form: {
      kind: "choice",
      choices: ["value", "difference", "route"],
      default: "value",
      doc: "credit of a step: its value, what it adds to the value before it, or the value along the route to the group's first right rollout",
    },
    tree: {
      kind: "choice",
      choices: ["text", "node"],
      default: "text",
      doc: "steps are one node of the tree where their texts are equal from the first on, or where the log's number `node` is",
    },
  },
  presets: {
    "released:restMcts": {},
    difference: { form: "difference" },
  },
  lanes,
  run(batch, { form, tree }, out) {
    const forest = stepForest(batch, tree === "node" ? batch["step.node"]! : batch.stepText, batch.success);
    if (form === "route") runRoute(batch, forest, out);
    else runValues(forest, out);
    for (let k = 0; k < out.credit.length; k++)
      out.credit[k] = form === "difference" ? out.value[k]! - out.before[k]! : out.value[k]!;
  },
  formula: ({ form }) => {
    if (form === "route")
      return [
        {
          left: "V",
          symbols: "max(depth / length, 0)",
          numbers: "max({numerator} / {length}, 0)",
          equals: "credit",
        },
      ];
    const value = {
      left: "V",
      symbols: "max(0, V⁻ + (1 − V⁻) ρ / m)",
      numbers: "max(0, {before} + (1 − {before}) · {sign} / {distance})",
    };
    if (form === "value") return [{ ...value, equals: "credit" }];
    return [
      { ...value, equals: "value" },
      { left: "A", symbols: "V − V⁻", numbers: "{value} − {before}", equals: "credit" },
    ];
  },
});

function runValues(forest: BatchForest, out: Output): void {
  const n = forest.parent.length;
  const of = {
    value: new Float64Array(n),
    distance: new Float64Array(n),
    onPath: new Float64Array(n),
  };
  treeValues(forest, of);
  for (let k = 0; k < forest.nodeOf.length; k++) {
    const node = forest.nodeOf[k]!;
    out.value[k] = of.value[node]!;
    out.before[k] = of.value[forest.parent[node]!]!;
    out.distance[k] = of.distance[node]!;
    out.sign[k] = of.onPath[node] === 1 ? 1 : -1;
  }
}

function runRoute(batch: Input, forest: BatchForest, out: Output): void {
  const n = forest.parent.length;
  const of = {
    value: new Float64Array(n).fill(NaN),
    numerator: new Float64Array(n).fill(NaN),
    length: new Float64Array(n).fill(NaN),
  };
  const seen = new Set<number>();
  for (let r = 0; r < batch.nRollouts; r++) {
    if (batch.success[r] !== 1 || seen.has(batch.group[r]!)) continue;
    seen.add(batch.group[r]!);
    routeValues(forest.parent, forest.endOf[r]!, of);
  }
  for (let k = 0; k < forest.nodeOf.length; k++) {
    const node = forest.nodeOf[k]!;
    out.value[k] = of.value[node]!;
    out.numerator[k] = of.numerator[node]!;
    out.length[k] = of.length[node]!;
  }
}
