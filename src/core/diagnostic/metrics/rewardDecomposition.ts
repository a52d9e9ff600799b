import { meanOf } from "../../stats/moments.ts";
import { groupsOf, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import {
  combine,
  componentsOf,
  type ComponentRow,
  flipsBest,
  shareOfRise,
  type Weights,
} from "../rewardComponents.ts";

interface Terms {
  readonly weights: Weights;
  readonly form: "sum" | "product";
  readonly alarm: number;
}

/** Which components a reward is made of, which of them decide, and through which it rises. */
export const rewardDecomposition = diagnostic({
  id: "rewardDecomposition",
  label: "Reward decomposition",
  doc: "Mean of the reward and of each of its components by train step, the groups whose best response changes when a component is left out, and over the run each component's share of the rise: one that brings nearly all of it may be saturating or hacked.",
  paper: "https://arxiv.org/abs/2504.13958",
  status: "own",
  scope: "batch",
  needs: ["trajectory.rewards"],
  params: {
    weights: { kind: "numbers", default: {}, doc: "weight of each component by name; 1 where none is given" },
    form: {
      kind: "choice",
      choices: ["sum", "product"],
      default: "sum",
      doc: "the reward is the weighted sum of its components, or the product of their powers",
    },
    alarm: { kind: "number", default: 0.9, doc: "share of the rise that one component may bring" },
  },
  presets: { default: {} },
  measure: (terms) => {
    /** Means of the first train step and of the last one. */
    const ends: ComponentRow[] = [];
    let run = "";
    return {
      batch: (batch) => {
        ({ run } = batch);
        const means = meansOf(batch);
        if (means.size === 0) return [absent(batch)];
        ends.splice(1, 1);
        ends.push(means);
        return [measureBatch(batch, means, terms)];
      },
      end: () => (ends.length < 2 ? [] : riseOf(run, [ends[0]!, ends[1]!], terms)),
    };
  },
});

function absent(batch: MeasuredBatch): Measurement {
  return { scope: scopeOf(batch), value: NaN, evidence: {}, missing: ["trajectory.rewards"] };
}

function meansOf({ members }: MeasuredBatch): ComponentRow {
  const values = new Map<string, number[]>();
  for (const { trajectory } of members)
    for (const [name, value] of componentsOf(trajectory)) {
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    }
  return new Map([...values].map(([name, own]) => [name, meanOf(own)]));
}

function measureBatch(batch: MeasuredBatch, means: ComponentRow, { weights, form }: Terms): Measurement {
  const rows = batch.members
    .map(({ trajectory }) => ({ trajectory, row: componentsOf(trajectory) }))
    .filter(({ row }) => row.size > 0);
  const gaps = rows
    .map(({ trajectory, row }) => Math.abs(trajectory.reward - combine(row, weights, form)))
    .filter(Number.isFinite);
  const groups = groupsOf(batch)
    .map((group) => group.map(componentsOf).filter((row) => row.size > 0))
    .filter((group) => group.length > 1);
  return {
    scope: scopeOf(batch),
    value: meanOf(rows.map(({ row }) => combine(row, weights, form))),
    evidence: {
      components: Object.fromEntries(means),
      groups: groups.length,
      groups_decided_by: Object.fromEntries(
        [...means.keys()].map((name) => [
          name,
          groups.filter((group) => isDecided(group, name, weights, form)).length,
        ]),
      ),
      logged: meanOf(rows.map(({ trajectory }) => trajectory.reward)),
      most_unexplained: gaps.reduce((a, b) => Math.max(a, b), gaps.length === 0 ? NaN : 0),
    },
    ...(rows.length < batch.members.length ? { missing: ["trajectory.rewards"] } : {}),
  };
}

/** The best response of a group is another one without the component. */
function isDecided(
  group: readonly ComponentRow[],
  name: string,
  weights: Weights,
  form: "sum" | "product",
): boolean {
  const totals = (own: Weights): readonly number[] => group.map((row) => combine(row, own, form));
  return flipsBest(totals(weights), totals({ ...weights, [name]: 0 }));
}

function riseOf(
  run: string,
  [first, last]: readonly [ComponentRow, ComponentRow],
  { weights, form, alarm }: Terms,
): readonly Measurement[] {
  if (form === "product") return [];
  const shares = [...shareOfRise(first, last, weights)].toSorted((a, b) => b[1] - a[1]);
  const total = (row: ComponentRow): number => combine(row, weights, form);
  const evidence = { from: total(first), to: total(last), shares: Object.fromEntries(shares) };
  const [most] = shares;
  if (most === undefined) return [{ scope: { run }, value: 0, evidence: { ...evidence, component: null } }];
  return [
    { scope: { run }, value: most[1], evidence: { ...evidence, component: most[0] }, alarm: most[1] > alarm },
  ];
}
