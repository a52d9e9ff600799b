import { outcomeOf } from "../../rollout/summary.ts";
import { diagnostic, type Measurement, type MeasuredBatch } from "../diagnostic.ts";

/** What is known of one group of rollouts. */
interface GroupOutcomes {
  readonly key: string;
  readonly rewards: readonly number[];
}

/** Counts over the groups of a batch. */
export interface Collapse {
  readonly groups: number;
  readonly singletons: number;
  /** Groups of two members or more with one reward, by whether it is the highest or the lowest of the batch. */
  readonly allBest: number;
  readonly allWorst: number;
  readonly allBetween: number;
  readonly informative: number;
}

/** Groups that teach nothing because all their members got the same reward: no advantage, no gradient. */
export function collapseOf(groups: readonly (readonly number[])[]): Collapse {
  const all = groups.flat();
  const best = all.reduce((a, b) => Math.max(a, b), -Infinity);
  const worst = all.reduce((a, b) => Math.min(a, b), Infinity);
  const counts = {
    groups: groups.length,
    singletons: 0,
    allBest: 0,
    allWorst: 0,
    allBetween: 0,
    informative: 0,
  };
  for (const rewards of groups) {
    const [first] = rewards;
    if (rewards.length < 2) counts.singletons++;
    else if (rewards.some((x) => x !== first)) counts.informative++;
    else if (first === best && best !== worst) counts.allBest++;
    else if (first === worst && best !== worst) counts.allWorst++;
    else counts.allBetween++;
  }
  return counts;
}

/** Share of groups without reward variance: what explains "no learning" before anything else. */
export const groupCollapse = diagnostic({
  id: "groupCollapse",
  label: "Group collapse",
  doc: "Share of groups whose members all got the same reward: they give no advantage and no gradient.",
  paper: "https://arxiv.org/abs/2402.03300",
  status: "own",
  scope: "batch",
  needs: ["trajectory.reward", "trajectory.group"],
  params: {
    alarm: {
      kind: "number",
      default: 0.5,
      min: 0,
      max: 1,
      doc: "share of silent groups that is worth a look",
    },
  },
  presets: { default: {} },
  measure: ({ alarm }) => ({
    batch: (batch) => [measureBatch(batch, alarm)],
    end: () => [],
  }),
});

function measureBatch(batch: MeasuredBatch, alarm: number): Measurement {
  const { run, trainStep } = batch;
  const scope = { run, ...(trainStep === null ? {} : { train_step: trainStep }) };
  const groups = groupsOf(batch);
  if (groups.length === 0)
    return { scope, value: NaN, evidence: {}, missing: ["trajectory.reward", "trajectory.group"] };
  const counts = collapseOf(groups.map(({ rewards }) => rewards));
  const silent = counts.allBest + counts.allWorst + counts.allBetween;
  const compared = counts.groups - counts.singletons;
  const value = compared === 0 ? NaN : silent / compared;
  return { scope, value, evidence: { ...counts }, alarm: value >= alarm };
}

function groupsOf({ members }: MeasuredBatch): readonly GroupOutcomes[] {
  const groups = new Map<string, number[]>();
  for (const { trajectory, groupKey } of members) {
    const reward = outcomeOf(trajectory);
    if (groupKey === null || Number.isNaN(reward)) continue;
    const known = groups.get(groupKey);
    if (known === undefined) groups.set(groupKey, [reward]);
    else known.push(reward);
  }
  return [...groups].map(([key, rewards]) => ({ key, rewards }));
}
