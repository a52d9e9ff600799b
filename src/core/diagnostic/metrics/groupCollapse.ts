import type { Trajectory } from "../../rollout/trajectory.ts";
import { meanOf, stdOf } from "../../stats/moments.ts";
import { quantile } from "../../stats/quantile.ts";
import { groupsOf, scopeOf } from "../batchScope.ts";
import { diagnostic, type Measurement, type MeasuredBatch } from "../diagnostic.ts";
import { loggedNumber, policyText } from "../loggedFields.ts";
import { lackingOf } from "../lacking.ts";

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

/** Responses that are word for word an earlier one of their group: they add no information. */
export function duplicatesIn(groups: readonly (readonly string[])[]): number {
  return groups.reduce((n, responses) => n + responses.length - new Set(responses).size, 0);
}

/** |r − mean| / std of each member of the groups that vary, std unbiased: how large advantages are. */
export function advantageSizes(groups: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(
    groups.flatMap((rewards) => {
      const [mean, std] = [meanOf(rewards), stdOf(rewards)];
      return std > 0 ? rewards.map((x) => Math.abs(x - mean) / std) : [];
    }),
  );
}

/** Share of groups without reward variance: what explains "no learning" before anything else. */
export const groupCollapse = diagnostic({
  id: "groupCollapse",
  label: "Group collapse",
  doc: "Share of groups whose members all got the same reward: they give no advantage and no gradient. With the prompts that do teach, responses that repeat another one of their group, and the size of the advantages.",
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
  const scope = scopeOf(batch);
  const groups = groupsOf(batch)
    .map((group) => group.filter((one) => !Number.isNaN(loggedNumber(one, "reward"))))
    .filter((group) => group.length > 0);
  if (groups.length === 0)
    return {
      scope,
      value: NaN,
      evidence: {},
      missing: lackingOf(batch.members, ["trajectory.reward", "trajectory.group"]),
    };
  const rewards = groups.map((group) => group.map((one) => loggedNumber(one, "reward")));
  const counts = collapseOf(rewards);
  const silent = counts.allBest + counts.allWorst + counts.allBetween;
  const compared = counts.groups - counts.singletons;
  const value = compared === 0 ? NaN : silent / compared;
  const sizes = advantageSizes(rewards);
  const evidence = {
    ...counts,
    duplicates: duplicatesIn(groups.map(textsOf)),
    ofResponses: rewards.flat().length,
    medianAdvantage: quantile(sizes, 0.5),
    largestAdvantage: quantile(sizes, 1),
  };
  if (compared === 0) return { scope, value, evidence, missing: ["trajectory.group"] };
  return { scope, value, evidence, alarm: value >= alarm };
}

function textsOf(group: readonly Trajectory[]): readonly string[] {
  return group.flatMap((one) => policyText(one) ?? []);
}
