import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import type { Adapter, Inputs } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** An episode is a rollout with a turn for each step up to its length. */
export const rrdLoss: Adapter = {
  file: "rrd_loss",
  members: (inputs) => rowsOf(inputs["proxy_rewards"]).map((_, r) => episode(inputs, r)),
  lanes: ({ unbiased }) => ({
    loss: {
      method: "rrd",
      params: { preset: "released:rrd", unbiased: unbiased === true },
      lane: "loss",
      shape: "own",
    },
  }),
};

function episode(inputs: Inputs, r: number): BatchMember {
  const proxy = rowsOf(inputs["proxy_rewards"])[r]!;
  const drawn = rowsOf(inputs["sampled_steps"])[r]!;
  const n = rowsOf(inputs["episode_length"])[r]![0]!;
  const turns = proxy.slice(0, n).map((x, k) => ({
    ...textTurn("assistant", `step ${k}`, k - 1),
    extra: new Map([
      ["proxy_reward", x],
      ["draws", drawn.filter((step) => step === k).length],
    ]),
  }));
  const reward = rowsOf(inputs["episode_return"])[r]![0]!;
  return { trajectory: { ...textTrajectory(`episode ${r}`, turns), reward }, groupKey: null };
}
