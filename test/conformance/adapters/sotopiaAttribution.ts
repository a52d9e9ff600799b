import { makeBatch } from "../../../src/core/credit/engine.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Adapter, Inputs } from "../adapter.ts";

interface Utterances {
  readonly share: Float64Array;
  readonly reward: Float64Array;
}

/** Lanes of the product over a dialogue whose assistant turns are the agent's utterances. */
function rewardsOf(
  goalScore: unknown,
  attributions: readonly (number | null)[],
  params: Readonly<Record<string, unknown>>,
): Utterances {
  const turns = attributions.flatMap((attribution, k) => {
    const own = textTurn("assistant", `utterance ${k}`, 2 * k - 1);
    const answer = textTurn("user", "yes", 2 * k);
    return [attribution === null ? own : { ...own, extra: new Map([["attribution", attribution]]) }, answer];
  });
  const trajectory = { ...textTrajectory("dialogue", turns), reward: goalScore as number };
  const run = makeBatch([{ trajectory, groupKey: null }]).credit("sotopiaRl", params);
  return { share: run.lane(0, "share"), reward: run.lane(0, "credit") };
}

export const sotopiaAttribution: Adapter = {
  file: "sotopia_attribution",
  values(inputs) {
    if ("conversation" in inputs) return discounted(inputs);
    const { attribution, goal_score: goalScore } = inputs;
    if (typeof attribution === "number")
      return { reward: rewardsOf(goalScore, [attribution], { preset: "released:direct" }).reward[0] };
    return normalized(attribution as Readonly<Record<string, number>>, goalScore);
  },
};

function discounted({
  conversation,
  agent,
  discount,
  goal_score: goalScore,
}: Inputs): Record<string, unknown> {
  const names = (conversation as readonly (readonly [string, string])[]).flatMap(([speaker], i) =>
    speaker === agent ? [`Utterance ${Math.floor(i / 2)} by ${speaker}`] : [],
  );
  const params = { preset: "released:discounted", gamma: discount };
  const { share, reward } = rewardsOf(
    goalScore,
    names.map(() => null),
    params,
  );
  return {
    attribution: Object.fromEntries(names.map((name, k) => [name, share[k]])),
    reward: Object.fromEntries(names.map((name, k) => [name, reward[k]])),
  };
}

/** Two files of the release differ where the attributions sum to 0: one gives 0, the other divides by it. */
function normalized(
  attribution: Readonly<Record<string, number>>,
  goalScore: unknown,
): Record<string, unknown> {
  const names = Object.keys(attribution);
  const values = Object.values(attribution);
  const { reward } = rewardsOf(goalScore, values, { preset: "released:normalized" });
  const other = rewardsOf(goalScore, values, { preset: "released:utteranceQualityNormalized" });
  const entries = names.map((name, k) => [name, { reward: reward[k], attribution: values[k] }] as const);
  return {
    reward: Object.fromEntries(entries),
    ...(other.reward.some(Number.isNaN) ? { error: "attributions sum to 0" } : {}),
  };
}
