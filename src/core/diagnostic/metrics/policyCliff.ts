import { meanOf, stdOf } from "../../stats/moments.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { groupsOf, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { fieldOf, loggedNumber, numbersIn } from "../loggedFields.ts";
import { largestJump, type SchedulePoint } from "../rewardCliff.ts";
import { combine, componentsOf, type ComponentRow, flipsBest } from "../rewardComponents.ts";
import { lackingOf } from "../lacking.ts";

interface Terms {
  readonly epsilon: number;
  readonly noise: number;
  readonly weights: Readonly<Record<string, number>>;
  readonly weight: string;
  readonly behaviour: string;
  readonly alarm: number;
}

/** Where a small change of the reward changes which response is best. */
export const policyCliff = diagnostic({
  id: "policyCliff",
  label: "Policy cliff",
  doc: "Share of the groups whose best response changes when the weight of one component changes by a little: there the map from reward to policy jumps. With near-ties, whose gap between best and runner-up is within the noise of both rewards, and over the run the largest jump of a behaviour per change of a scheduled weight.",
  paper: "https://arxiv.org/abs/2507.20150",
  status: "own",
  scope: "batch",
  needs: ["trajectory.rewards", "trajectory.group"],
  params: {
    epsilon: {
      kind: "number",
      default: 0.1,
      min: 0,
      doc: "part by which each component's weight is changed",
    },
    noise: {
      kind: "number",
      default: 0,
      min: 0,
      doc: "standard deviation of the reward where no `judge_scores` tell it",
    },
    weights: { kind: "numbers", default: {}, doc: "weight of each component by name; 1 where none is given" },
    weight: {
      kind: "text",
      default: "reward_weight",
      doc: "number of a rollout that is the scheduled weight",
    },
    behaviour: { kind: "text", default: "reward", doc: "number of a rollout whose jumps are looked for" },
    alarm: { kind: "number", default: 0.1, min: 0, max: 1, doc: "share of groups that is worth a look" },
  },
  presets: { default: {} },
  measure: (terms) => {
    const points: SchedulePoint[] = [];
    let run = "";
    return {
      batch: (batch) => {
        ({ run } = batch);
        const mean = (name: string): number =>
          meanOf(batch.members.map(({ trajectory }) => loggedNumber(trajectory, name)));
        const point = { step: batch.trainStep, weight: mean(terms.weight), behaviour: mean(terms.behaviour) };
        if (!Number.isNaN(point.weight) && !Number.isNaN(point.behaviour)) points.push(point);
        return [measureBatch(batch, terms)];
      },
      end: () => {
        const jump = largestJump(points);
        return jump === null ? [] : [{ scope: { run }, value: jump.slope, evidence: { ...jump } }];
      },
    };
  },
});

interface Candidate {
  readonly row: ComponentRow;
  readonly noise: number;
}

function measureBatch(batch: MeasuredBatch, { epsilon, noise, weights, alarm }: Terms): Measurement {
  const groups = groupsOf(batch)
    .map((group) => group.map((one) => candidateOf(one, noise)).filter(({ row }) => row.size > 0))
    .filter((group) => group.length > 1);
  const scope = scopeOf(batch);
  if (groups.length === 0)
    return {
      scope,
      value: NaN,
      evidence: {},
      missing: lackingOf(batch.members, ["trajectory.rewards", "trajectory.group"]),
    };
  const names = [...new Set(groups.flat().flatMap(({ row }) => [...row.keys()]))];
  const flips = new Map(names.map((name) => [name, 0]));
  let flipped = 0;
  let nearTies = 0;
  for (const group of groups) {
    const brittle = brittleIn(group, names, { weights, epsilon });
    for (const name of brittle) flips.set(name, flips.get(name)! + 1);
    if (brittle.length > 0) flipped++;
    if (isNearTie(group, weights)) nearTies++;
  }
  const value = flipped / groups.length;
  return {
    scope,
    value,
    evidence: { groups: groups.length, near_ties: nearTies, flipped_by: Object.fromEntries(flips) },
    alarm: value > alarm,
  };
}

/** Components whose weight, changed by a part ε, makes another response of the group best. */
function brittleIn(
  group: readonly Candidate[],
  names: readonly string[],
  { weights, epsilon }: Pick<Terms, "weights" | "epsilon">,
): readonly string[] {
  const totals = (own: Terms["weights"]): readonly number[] =>
    group.map(({ row }) => combine(row, own, "sum"));
  const plain = totals(weights);
  return names.filter((name) =>
    [1 - epsilon, 1 + epsilon].some((factor) =>
      flipsBest(plain, totals({ ...weights, [name]: (weights[name] ?? 1) * factor })),
    ),
  );
}

/** The gap between best and runner-up is no larger than the standard deviation of their difference. */
function isNearTie(group: readonly Candidate[], weights: Terms["weights"]): boolean {
  const [best, second] = group
    .map(({ row, noise }) => ({ noise, total: combine(row, weights, "sum") }))
    .toSorted((a, b) => b.total - a.total);
  return best!.total - second!.total <= Math.hypot(best!.noise, second!.noise);
}

/** Components of a rollout, its whole reward where none are logged, and how sure they are. */
function candidateOf(trajectory: Trajectory, noise: number): Candidate {
  const components = componentsOf(trajectory);
  const reward = loggedNumber(trajectory, "reward");
  const whole: ComponentRow =
    components.size > 0 || Number.isNaN(reward) ? components : new Map([["reward", reward]]);
  const spread = stdOf(numbersIn(fieldOf(trajectory, "judge_scores")) ?? []);
  return { row: whole, noise: Number.isNaN(spread) ? noise : spread };
}
