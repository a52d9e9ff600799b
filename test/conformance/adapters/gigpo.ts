import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { type Adapter, type Inputs, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** Rows of the official code are turns: where each stands in the trajectories they are put together to. */
interface Rebuilt {
  readonly members: readonly BatchMember[];
  readonly places: readonly { readonly r: number; readonly k: number }[];
}

export const gigpo: Adapter = {
  file: "gigpo",
  values: (inputs) => {
    if (inputs["gamma"] !== undefined) return { step_returns: returnsOf(inputs) };
    // States that are alike are grouped in the order of the rows, which trajectories would change: each row stands alone.
    const alike = inputs["enable_similarity"] === true;
    const rows = alike ? rebuild(inputs, (r) => `row ${r}`) : rebuild(inputs, keyOf(inputs));
    const params = paramsOf(inputs);
    const { places } = rows;
    const lane = turnLanes(rows, params);
    const once = turnLanes(rebuild(inputs, keyOf(inputs)), { ...params, unit: "trajectory" });
    const overTokens = (x: readonly number[]): number[][] =>
      rowsOf(inputs["response_mask"]).map((mask, row) => mask.map((m) => x[row]! * m));
    const groups = lane("stateGroup");
    const seen = [...new Set(groups)];
    return {
      advantages: overTokens(lane("credit")),
      episode_advantages: overTokens(lane("episode")),
      episode_advantages_per_trajectory: overTokens(once("episode")),
      step_advantages: overTokens(lane("state")),
      step_group_labels: places.map((_, row) => seen.indexOf(groups[row]!)),
    };
  },
};

function paramsOf(inputs: Inputs): Record<string, unknown> {
  return {
    preset: "released:verlAgent",
    returns: "logged",
    normalizeByStd: modeOf(inputs["mode"]),
    ...(inputs["step_advantage_w"] === undefined ? {} : { omega: inputs["step_advantage_w"] }),
    ...(inputs["epsilon"] === undefined ? {} : { epsilon: inputs["epsilon"] }),
    ...(inputs["enable_similarity"] === true ? { similarity: thresholdOf(inputs["similarity_thresh"]) } : {}),
  };
}

function thresholdOf(threshold: unknown): number {
  const least = threshold === undefined ? 0.95 : numberOf(threshold);
  if (!(least > 0 && least < 1)) throw new Error("a threshold lies between 0 and 1");
  return least;
}

function modeOf(mode: unknown): boolean {
  if (mode !== undefined && mode !== "mean_norm" && mode !== "mean_std_norm")
    throw new Error(`there is no mode ${JSON.stringify(mode)}`);
  return mode === "mean_std_norm";
}

/** Equal for what Python holds equal: dictionaries in any order, true and 1. Only texts can be nearly equal. */
function stateKey(state: unknown, alike: boolean): string {
  if (alike && typeof state !== "string") throw new Error("only texts can be nearly equal");
  if (alike) return String(state);
  return JSON.stringify(state, (_, value: unknown) => {
    if (typeof value === "boolean") return Number(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function keyOf(inputs: Inputs): (row: number) => string {
  const group = inputs["index"] as readonly unknown[];
  const trajectory = inputs["traj_index"] as readonly unknown[];
  return (row) => JSON.stringify([group[row], trajectory[row]]);
}

function rebuild(inputs: Inputs, key: (row: number) => string): Rebuilt {
  const group = inputs["index"] as readonly unknown[];
  const states = inputs["anchor_obs"] as readonly unknown[];
  const rewards = rowsOf(inputs["token_level_rewards"]);
  const mask = rowsOf(inputs["response_mask"]);
  const returns = rowsOf(inputs["step_rewards"]);
  const trajectories = new Map<
    string,
    { r: number; member: BatchMember; turns: Trajectory["turns"][number][] }
  >();
  const places = rewards.map((row, i) => {
    const reward = row.reduce((a, b) => a + b, 0);
    const one = member({ group: String(group[i]), mask: mask[i]!, reward }, i);
    let own = trajectories.get(key(i));
    if (own === undefined) trajectories.set(key(i), (own = { r: trajectories.size, member: one, turns: [] }));
    const k = own.turns.push({
      ...one.trajectory.turns[0]!,
      state: stateKey(states[i], inputs["enable_similarity"] === true),
      extra: new Map([["step_rewards", returns[i]![0]]]),
    });
    return { r: own.r, k: k - 1 };
  });
  const members = [...trajectories.values()].map(({ member: { trajectory, groupKey }, turns }) => ({
    trajectory: { ...trajectory, turns },
    groupKey,
  }));
  return { members, places };
}

/** A lane of the method at each row; a rollout's number at each of its rows. */
function turnLanes({ members, places }: Rebuilt, params: Record<string, unknown>) {
  const run = makeBatch(members).credit("gigpo", params);
  return (name: string): number[] =>
    places.map(({ r, k }) => {
      const lane = run.lane(r, name);
      return run.lanes[name]!.level === "trajectory" ? lane[0]! : lane[k]!;
    });
}

function returnsOf(inputs: Inputs): number[] {
  const active = inputs["active_masks"] as readonly unknown[] | undefined;
  if (active?.some((one) => numberOf(one) === 0)) throw new Error("a turn of a trajectory is not active");
  const rewards = (inputs["step_rewards"] as readonly unknown[]).map(numberOf);
  const keys = inputs["traj_uid"] as readonly unknown[];
  const rows = rebuild(
    {
      index: keys.map(() => "task"),
      anchor_obs: keys.map(() => "state"),
      token_level_rewards: rewards.map(() => [0]),
      response_mask: rewards.map(() => [1]),
      step_rewards: rewards,
    },
    (row) => JSON.stringify(keys[row]),
  );
  const members = rows.members.map(({ trajectory, groupKey }) => {
    const turns = trajectory.turns.map((turn) => ({
      ...turn,
      reward: Number(turn.extra.get("step_rewards")),
    }));
    const reward = turns.reduce((sum, turn) => sum + turn.reward, 0);
    return { trajectory: { ...trajectory, turns, reward }, groupKey };
  });
  return turnLanes({ ...rows, members }, { gamma: inputs["gamma"] })("returns");
}
