import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { meanSquaredError, rowSums } from "../../../src/core/credit/primitives/calibration.ts";
import { atTurnEnds } from "../../../src/core/credit/primitives/turnEnds.ts";
import { maskRuns } from "../../../src/core/format/maskRuns.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import { type Adapter, type Inputs } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

export const spaRl: Adapter = {
  file: "spa_rl",
  values: (inputs) => (inputs["token_scores"] === undefined ? releasedRewards(inputs) : turnValues(inputs)),
};

/** A row is a rollout whose turns are the runs of its mask; one without any has no place in a log, but counts in the loss. */
function turnValues(inputs: Inputs): Readonly<Record<string, unknown>> {
  const scores = rowsOf(inputs["token_scores"]);
  const masks = rowsOf(inputs["assistant_mask"]).map((mask) => Uint8Array.from(mask));
  const runs = masks.map((mask) => maskRuns(mask).filter(({ trained }) => trained));
  const values = scores.map((row, r) => {
    const shape = {
      mask: masks[r]!,
      turnFrom: Int32Array.from(runs[r]!, ({ from }) => from),
      turnTo: Int32Array.from(runs[r]!, ({ to }) => to),
    };
    return atTurnEnds(shape, Float64Array.from(row));
  });
  const offsets = new Int32Array(values.length + 1);
  values.forEach(({ length }, r) => (offsets[r + 1] = offsets[r]! + length));
  const predictions = new Float64Array(values.length);
  rowSums(offsets, Float64Array.from(values.flatMap((own) => [...own])), predictions);
  const labels = inputs["labels"] === undefined ? null : rowsOf(inputs["labels"]).flat();
  return {
    predictions,
    turn_values: values.map((own) => [...own]),
    ...(labels === null ? {} : { mse: meanSquaredError(predictions, Float64Array.from(labels)) }),
  };
}

/**
 * Annotated trajectories of the published data script: `id`, `agent_final_reward`, `conversations`, `turn_values`. One whose
 * values are not as many as its turns counts in its task's mean and is then left out.
 */
function releasedRewards(inputs: Inputs): Readonly<Record<string, unknown>> {
  const annotations = Object.values(inputs).find(Array.isArray) as readonly Inputs[];
  const members = annotations.map(memberOf);
  const run = makeBatch(members).credit("spaRl", { preset: "released:spaRlWebshop" });
  const rewards = members.flatMap((_, r) => (isWhole(annotations[r]!) ? [[...run.lane(r, "credit")]] : []));
  return { rewards, turn_rewards: rewards, reward: rewards, each_reward: rewards, all_rewards: rewards };
}

function isWhole({ turn_values: values, conversations: said }: Inputs): boolean {
  return !Array.isArray(values) || values.length === Math.floor((said as readonly unknown[]).length / 2);
}

function memberOf(annotation: Inputs, r: number): BatchMember {
  const said = annotation["conversations"] as readonly { readonly from: string; readonly value: string }[];
  const turns = said.map(({ from, value }, i) =>
    textTurn(from === "gpt" || from === "assistant" ? "assistant" : "user", value, i - 1),
  );
  const group = String(annotation["id"]);
  const reward = numberOf(annotation["agent_final_reward"]);
  return { trajectory: { ...textTrajectory(`row ${r}`, turns), group, reward }, groupKey: group };
}
