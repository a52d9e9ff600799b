import { placeTurnRewards } from "../../credit/placeTurnRewards.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { type ActionSeries, creditedShare, fitImpulses, lagMass } from "../delayedEffects.ts";
import { diagnostic } from "../diagnostic.ts";
import { numbersIn } from "../loggedFields.ts";
import { Lacking } from "../lacking.ts";

/** How late rewards answer to actions, and what a discount loses of it. */
export const delayKernel = diagnostic({
  id: "delayKernel",
  label: "Delay kernel",
  doc: "Impulse response of the reward to the actions before it, by ridge regression of each turn's reward on the `action_features` (numbers) of this and earlier turns. A turn without a reward counts 0 where others have one. The value is the share of the response that comes later than the given lag.",
  paper: "https://arxiv.org/abs/2211.08997",
  status: "own",
  scope: "run",
  needs: ["turn.action_features", "turn.reward"],
  params: {
    lags: {
      kind: "number",
      whole: true,
      default: 5,
      min: 0,
      max: 100,
      doc: "turns that an action can act on later",
    },
    after: {
      kind: "number",
      whole: true,
      default: 1,
      min: 0,
      doc: "the value counts what comes later than so many turns",
    },
    penalty: { kind: "number", default: 1e-3, min: 1e-12, doc: "penalty of the ridge regression" },
    gamma: { kind: "number", default: 0.99, min: 0, max: 1, doc: "discount whose loss is told" },
  },
  presets: { default: {} },
  measure({ lags, after, penalty, gamma }) {
    const episodes: ActionSeries[] = [];
    let run = "";
    const lacking = new Lacking(["turn.action_features", "turn.reward"]);
    return {
      batch(batch) {
        ({ run } = batch);
        lacking.see(batch.members);
        const width = episodes[0]?.features[0]?.length;
        const found = batch.members.flatMap(({ trajectory }) => seriesOf(trajectory) ?? []);
        const expected = width ?? found[0]?.features[0]?.length;
        episodes.push(...found.filter(({ features }) => features.every((one) => one.length === expected)));
        return [];
      },
      end() {
        if (episodes.length === 0)
          return [{ scope: { run }, value: NaN, evidence: {}, missing: lacking.signals }];
        const { effects, steps } = fitImpulses(episodes, { lags: Math.round(lags), penalty });
        const mass = lagMass(effects);
        const total = mass.reduce((a, b) => a + b, 0);
        const value = mass.slice(Math.floor(after) + 1).reduce((a, b) => a + b, 0) / total;
        const evidence = {
          effects,
          mass,
          cumulative: effects[0]!.map((_, i) => effects.reduce((sum, own) => sum + own[i]!, 0)),
          credited: creditedShare(mass, gamma),
          episodes: episodes.length,
          steps,
        };
        return [{ scope: { run }, value, evidence }];
      },
    };
  },
});

/** Turns of the policy with their features and rewards; null where one lacks features, or all lack rewards. */
function seriesOf(trajectory: Trajectory): ActionSeries | null {
  const { turns } = trajectory;
  const own = turns.flatMap(({ trainable }, i) => (trainable ? [i] : []));
  const features = own.map((i) => numbersIn(turns[i]!.extra.get("action_features")));
  const rewards = placeTurnRewards(trajectory, own);
  if (rewards === null || own.length === 0) return null;
  if (!features.every((one) => one !== null && !one.some(Number.isNaN))) return null;
  return { features: features as readonly (readonly number[])[], rewards: [...rewards] };
}
