import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { epochWeight } from "../../../src/core/credit/primitives/entropyBand.ts";
import { type Adapter, type Inputs, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/**
 * A row is a turn, whose history is that of its rollout step. An empty history is answered by both the ones that the
 * release returns and the error that unpacking them raises.
 */
export const epoEntropySmoothing: Adapter = {
  file: "epo_entropy_smoothing",
  values: (inputs, name) => {
    const { epochs, max_epochs: maxEpochs } = inputs;
    if (epochs !== undefined)
      return { weights: (epochs as number[]).map((epoch) => epochWeight(epoch, numberOf(maxEpochs))) };
    const history = (inputs["entropy_history"] as readonly unknown[]).map(numberOf);
    const members = membersOf(inputs, history);
    const mode = inputs["mask_mode"] ?? (name.includes("seq") ? "seq" : "token");
    const run = makeBatch(members).credit("epo", {
      base: "logged",
      per: mode === "seq" ? "sequence" : "token",
      history: history.length === 0 ? "none" : "logged",
      minRatio: inputs["min_ratio"] ?? 0.8,
      maxRatio: inputs["max_ratio"] ?? 1.2,
      outOfRange: inputs["out_range_penalty"] ?? 0.1,
    });
    const lane = (one: string): number[][] => members.map((_, r) => [...run.lane(r, one)]);
    return {
      penalty: lane("penalty"),
      mask: lane("weight"),
      within_ratio: run.lane(0, "within")[0]!,
      ...(history.length === 0 ? { error: "no history" } : {}),
    };
  },
};

function membersOf(
  { entropy, rollout_step: steps }: Inputs,
  history: readonly number[],
): readonly BatchMember[] {
  return rowsOf(entropy).map((row, r) => {
    const columns = { entropy: row, advantages: row.map(() => 1) };
    const { trajectory, groupKey } = member({ group: null, mask: row.map(() => 1), columns }, r);
    const step = numberOf((steps as readonly unknown[])[r]);
    const own = history.at(step);
    if (own === undefined && history.length > 0) throw new Error(`no history of step ${step}`);
    const turns = trajectory.turns.map((turn) => ({ ...turn, extra: new Map([["entropy_history", own]]) }));
    return { trajectory: { ...trajectory, turns }, groupKey };
  });
}
