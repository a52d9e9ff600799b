import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import type { Turn } from "../../../src/core/rollout/trajectory.ts";
import { type Adapter, type Inputs, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** Rows are turns: those of one (uid, traj_uid) become the turns of one rollout, in their order. */
export const istar: Adapter = {
  file: "istar",
  values: (inputs, name) => {
    const rollouts = rolloutsOf(inputs);
    const members = rollouts.map((rows) => rolloutOf(inputs, rows));
    const run = makeBatch(members).credit("istar", paramsOf(inputs, name));
    const advantages = rowsOf(inputs["response_mask"]).map((mask) => mask.map(() => 0));
    rollouts.forEach((rows, r) => {
      rows.forEach((row, u) => {
        const credit = run.lane(r, "credit")[u]!;
        rowsOf(inputs["response_mask"])[row]!.forEach((m, t) => (advantages[row]![t] = credit * m));
      });
    });
    return { advantages, returns: advantages };
  },
};

function rolloutsOf(inputs: Inputs): readonly (readonly number[])[] {
  const uid = inputs["uid"] as readonly unknown[];
  const trajectory = inputs["traj_uid"] as readonly unknown[];
  const rows = new Map<string, number[]>();
  uid.forEach((group, row) => {
    const key = JSON.stringify([group, trajectory[row]]);
    rows.set(key, [...(rows.get(key) ?? []), row]);
  });
  return [...rows.values()];
}

function rolloutOf(inputs: Inputs, rows: readonly number[]): BatchMember {
  const group = String((inputs["uid"] as readonly unknown[])[rows[0]!]);
  const rewards = rowsOf(inputs["token_level_rewards"]);
  const scores = rowsOf(inputs["rm_scores"]);
  const mask = rowsOf(inputs["response_mask"]);
  const turns = rows.map((row): Turn => {
    const made = member({ group, mask: mask[row]!, columns: { rm_scores: scores[row]! } }, row);
    const episode = rewards[row]!.reduce((a, b) => a + b, 0);
    return { ...made.trajectory.turns[0]!, extra: new Map([["episode_reward", episode]]) };
  });
  const one = member({ group, mask: mask[rows[0]!]! }, rows[0]!);
  return { ...one, trajectory: { ...one.trajectory, turns } };
}

function paramsOf(inputs: Inputs, name: string): Record<string, unknown> {
  return {
    form: formOf(inputs, name),
    omega: numberOf(inputs["step_advantage_w"] ?? 1),
    implicit: "logged",
    norm: "none",
    episode: "turn",
    ...(inputs["epsilon"] === undefined ? {} : { epsilon: numberOf(inputs["epsilon"]) }),
  };
}

/** Which of the official functions a case calls is told by its name alone, but for what only one of them takes. */
function formOf({ mode, use_process_only: processOnly }: Inputs, name: string): string {
  if (mode === "mean_std_norm") return "grpoMeanStd";
  if (mode === "mean_norm" || name.startsWith("grpo")) return "grpoMean";
  if (processOnly === true) return "processOnly";
  if (name.startsWith("rfpp") || name.startsWith("reinforce")) return "reinforcePlusPlus";
  return name.includes("combined") ? "combined" : "rloo";
}
