import { stepsOf } from "../rollout/segment.ts";
import type { StepSpans } from "../rollout/stepSpans.ts";
import type { Turn } from "../rollout/trajectory.ts";
import type { Batch, BatchMember } from "./batchCredit.ts";
import { MethodRun } from "./methodRun.ts";
import { missingSignals } from "./missing.ts";
import { ParameterError, resolveParameters } from "./parameter.ts";
import { type AnyCreditMethod, methodOf } from "./registry.ts";
import { Row } from "./row.ts";

export interface BatchOptions {
  /** Steps of a turn: logged, else segmented. */
  readonly stepsOf?: (turn: Turn) => StepSpans;
}

/** A batch over trajectories of one (run, train step). Columns are made when first asked for; runs are kept. */
export function makeBatch(members: readonly BatchMember[], options: BatchOptions = {}): Batch {
  const steps = options.stepsOf ?? ((turn: Turn): StepSpans => stepsOf(turn));
  const rows = members.map(({ trajectory }) => new Row(trajectory, steps));
  const groups = members.map(({ groupKey }) => groupKey);
  const runs = new Map<string, MethodRun>();
  return {
    members,
    credit(id, explicit) {
      const method = knownMethod(id);
      const { preset, values } = resolveParameters(method, explicit);
      const params = { preset, ...values };
      const key = `${id} ${JSON.stringify(params)}`;
      let run = runs.get(key);
      if (run === undefined)
        runs.set(key, (run = new MethodRun(method, { rows, groups, params, values, stepsOf: steps })));
      return run;
    },
    missing(r, id) {
      const method = knownMethod(id);
      return missingSignals(method, rows[r]!, resolveParameters(method, {}).values);
    },
  };
}

function knownMethod(id: string): AnyCreditMethod {
  const method = methodOf(id);
  if (method === undefined)
    throw new ParameterError(`there is no credit method "${id}"; "rewardlens methods" lists them`);
  return method;
}
