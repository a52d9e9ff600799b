import { type Adapter, type Inputs, member, type OutputLane } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** Presets of `reinforce` by the names of OpenRLHF's estimators; `gae` is a method of its own. */
const presets: Readonly<Record<string, string>> = {
  reinforce: "released:openrlhf",
  rloo: "released:openrlhfRloo",
  reinforce_baseline: "released:openrlhfReinforceBaseline",
  group_norm: "released:openrlhfGroupNorm",
  dr_grpo: "released:openrlhfDrGrpo",
};

function clipOf(range: unknown): Readonly<Record<string, number>> {
  return Array.isArray(range) ? { min: numberOf(range[0]), max: numberOf(range[1]) } : {};
}

function paramsOf(inputs: Inputs): Readonly<Record<string, unknown>> {
  const shared = {
    gamma: numberOf(inputs["gamma"]),
    beta: Math.max(0, numberOf(inputs["kl_coef"] ?? 0)),
    clip: clipOf(inputs["reward_clip_range"]),
    normalizeByStd: inputs["no_std_norm"] !== true,
  };
  const estimator = String(inputs["estimator"]);
  if (estimator !== "gae") return { preset: presets[estimator], ...shared };
  return { preset: "released:openrlhf", ...shared, lambda: numberOf(inputs["lambda_"]) };
}

/** Groups are `n_samples_per_prompt` rows one after the other; the reward is one number a row. */
export const openrlhfAdvantages: Adapter = {
  file: "openrlhf_advantages",
  members: ({ rewards, n_samples_per_prompt: n, kl, action_mask: masks, values }) => {
    const [ofKl, mask] = [rowsOf(kl), rowsOf(masks)];
    const ofValue = Array.isArray(values) ? rowsOf(values) : null;
    return (rewards as readonly unknown[]).map((reward, r) =>
      member(
        {
          group: `group ${Math.floor(r / numberOf(n))}`,
          mask: mask[r]!,
          reward: numberOf(reward),
          columns: { kl: ofKl[r]!, ...(ofValue === null ? {} : { values: ofValue[r]! }) },
        },
        r,
      ),
    );
  },
  lanes: (inputs) => {
    const method = inputs["estimator"] === "gae" ? "gae" : "reinforce";
    const lane = (name: string): OutputLane => ({
      method,
      params: paramsOf(inputs),
      lane: name,
      shape: "positions",
    });
    return { advantages: lane("credit"), returns: lane("returns") };
  },
};
