import {
  crossEntropy,
  pairAccuracy,
  preferenceLoss,
  type ScoredOutcome,
  signAccuracy,
} from "../../../src/core/diagnostic/implicitPrm.ts";
import type { Adapter, Inputs } from "../adapter.ts";
import { numberOf } from "../golden.ts";
import { inRows, meanOf, responsesOf } from "./implicitPrmAccuracy.ts";

/** Rows are turns. With `traj_uid` the loss is that of trajectory pairs, else, or where the name says so, the cross entropy of rows. */
export const istarImplicitPrmLosses: Adapter = {
  file: "istar_implicit_prm_losses",
  values: (inputs, name) => {
    const responses = responsesOf(inputs, "q");
    const values: Record<string, unknown> = { abs_accuracy: signAccuracy(responses) };
    if (inputs["n_samples"] !== undefined) {
      const accuracies = inRows(responses, numberOf(inputs["n_samples"])).map(pairAccuracy);
      if (accuracies.some(Number.isNaN)) return { error: "a group of one" };
      values["dpo_accuracy"] = meanOf(accuracies);
    }
    if (inputs["beta"] !== undefined) {
      const beta = numberOf(inputs["beta"]);
      const isPairs = inputs["traj_uid"] !== undefined && !/(^|_)b?ce(_|$)|cross/.test(name);
      const ofRows = isPairs ? NaN : crossEntropy(responses, beta);
      values["loss"] = isPairs ? preferenceLoss(trajectoriesOf(inputs, responses, beta)).loss : ofRows;
      if (!isPairs) values["ce_loss"] = ofRows;
    }
    return values;
  },
};

/** Trajectories by group: the mean over a trajectory's active turns, the outcome of its first. */
function trajectoriesOf(inputs: Inputs, rows: readonly ScoredOutcome[], beta: number): ScoredOutcome[][] {
  const uid = inputs["uid"] as readonly unknown[];
  const trajectory = inputs["traj_uid"] as readonly unknown[];
  const active = inputs["active_masks"] as readonly unknown[] | undefined;
  const turns = new Map<unknown, { group: unknown; rows: ScoredOutcome[] }>();
  rows.forEach((row, i) => {
    if (active !== undefined && !active[i]) return;
    const known = turns.get(trajectory[i]);
    if (known === undefined) turns.set(trajectory[i], { group: uid[i], rows: [row] });
    else known.rows.push(row);
  });
  const groups = new Map<unknown, ScoredOutcome[]>();
  for (const { group, rows: own } of turns.values()) {
    const one = { score: meanOf(own.map(({ score }) => beta * score)), outcome: own[0]!.outcome };
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return [...groups.values()];
}
