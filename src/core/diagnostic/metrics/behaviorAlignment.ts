import { alignmentOf } from "../behaviorWeights.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { loggedNumber } from "../loggedFields.ts";
import { componentsOf, type ComponentRow } from "../rewardComponents.ts";
import { Lacking } from "../lacking.ts";

/** A rollout as the regression sees it. */
interface Observed {
  readonly row: ComponentRow;
  readonly primary: number;
}

/** Rollouts that are looked at; of a longer run an even choice, halved each time it is full. */
const mostRollouts = 4096;

/** Auxiliary rewards that work against the primary one. */
export const behaviorAlignment = diagnostic({
  id: "behaviorAlignment",
  label: "Behaviour alignment",
  doc: "Regression of the primary return on the auxiliary components of the reward over all rollouts: a component whose coefficient is not positive works against it. With the weights under which the components rank rollouts most like the primary return.",
  paper: "https://arxiv.org/abs/2310.19007",
  status: "own",
  scope: "run",
  needs: ["trajectory.success", "trajectory.rewards"],
  params: {
    primary: { kind: "text", default: "success", doc: "number of a rollout that is its primary return" },
    tolerance: { kind: "number", default: 1e-6, min: 0, doc: "coefficients up to it are not positive" },
  },
  presets: { default: {} },
  measure: ({ primary, tolerance }) => {
    let kept: Observed[] = [];
    let [every, seen, run] = [1, 0, ""];
    const lacking = new Lacking([`trajectory.${primary}`, "trajectory.rewards"]);
    return {
      batch: (batch) => {
        ({ run } = batch);
        lacking.see(batch.members);
        for (const { trajectory } of batch.members) {
          const observed = { row: componentsOf(trajectory), primary: loggedNumber(trajectory, primary) };
          if (observed.row.size === 0 || Number.isNaN(observed.primary)) continue;
          if (seen++ % every !== 0) continue;
          kept.push(observed);
          if (kept.length < mostRollouts) continue;
          kept = kept.filter((_, i) => i % 2 === 0);
          every *= 2;
        }
        return [];
      },
      end: () => [{ scope: { run }, ...measured(kept, { primary, tolerance, seen, lacking }) }],
    };
  },
});

interface Terms {
  readonly primary: string;
  readonly tolerance: number;
  readonly seen: number;
  readonly lacking: Lacking;
}

/** Over the rollouts that have every component that any has, the primary one left out. */
function measured(
  kept: readonly Observed[],
  { primary, tolerance, seen, lacking }: Terms,
): Omit<Measurement, "scope"> {
  const names = [...new Set(kept.flatMap(({ row }) => [...row.keys()]))].filter(
    (name) => `rewards.${name}` !== primary,
  );
  const whole = kept.filter(({ row }) => names.every((name) => row.has(name)));
  if (whole.length < 2 || names.length === 0)
    return {
      value: NaN,
      evidence: { rollouts: whole.length },
      missing: lacking.signals,
    };
  const { coefficients, weights, correlation, before } = alignmentOf(
    whole.map(({ row }) => names.map((name) => row.get(name)!)),
    whole.map((one) => one.primary),
  );
  const misaligned = names.filter((_, c) => coefficients[c]! <= tolerance);
  const byName = (values: readonly number[]): Record<string, number> =>
    Object.fromEntries(names.map((name, c) => [name, values[c]!]));
  return {
    value: misaligned.length,
    evidence: {
      rollouts: whole.length,
      of: seen,
      misaligned,
      coefficients: byName(coefficients),
      suggested_weights: byName(weights),
      rank_correlation: correlation,
      rank_correlation_of_plain_sum: before,
    },
    alarm: misaligned.length > 0,
  };
}
