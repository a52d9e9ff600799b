import { stepsOf } from "../rollout/segment.ts";
import type { StepSpans } from "../rollout/stepSpans.ts";
import type { Turn } from "../rollout/trajectory.ts";
import type { Batch, BatchMember } from "./batchCredit.ts";
import { Latest } from "./latest.ts";
import { MethodRun } from "./methodRun.ts";
import { missingSignals } from "./missing.ts";
import { ParameterError, resolveParameters } from "./parameter.ts";
import { type PressureParams, pressureSettings } from "./pressureSettings.ts";
import { type AnyCreditMethod, methodOf } from "./registry.ts";
import { Row } from "./row.ts";
import { TokenPressure } from "./tokenPressure.ts";

export interface BatchOptions {
  /** Steps of a turn: logged, else segmented. */
  readonly stepsOf?: (turn: Turn) => StepSpans;
}

/** Runs of methods that a batch keeps: who drags a slider asks for dozens, each with lanes as long as the batch. */
const mostRuns = 8;

/** A batch over trajectories of one (run, train step). Columns are made when first asked for; the latest runs are kept. */
export function makeBatch(members: readonly BatchMember[], options: BatchOptions = {}): Batch {
  const steps = options.stepsOf ?? ((turn: Turn): StepSpans => stepsOf(turn));
  const rows = members.map(({ trajectory }) => new Row(trajectory, steps));
  const groups = members.map(({ groupKey }) => groupKey);
  const runs = new Latest<MethodRun>(mostRuns);
  const pressures = new Latest<TokenPressure>(mostRuns);
  const runOf = (id: string, explicit: Readonly<Record<string, unknown>>): MethodRun => {
    const method = knownMethod(id);
    const { preset, values } = resolveParameters(method, explicit);
    const params = { preset, ...values };
    const key = keyOf(id, params);
    return runs.get(key, () => new MethodRun(method, { rows, groups, params, values, stepsOf: steps }));
  };
  return {
    members,
    credit: runOf,
    pressure(id, explicit, settings) {
      const run = runOf(id, explicit);
      const { preset, values } = resolveParameters(pressureSettings, settings);
      const key = `${keyOf(id, run.params)} ${keyOf(preset, values)}`;
      return pressures.get(key, () => new TokenPressure(rows, run, values as PressureParams, preset));
    },
    missing(r, id) {
      const method = knownMethod(id);
      return missingSignals(method, rows[r]!, resolveParameters(method, {}).values);
    },
  };
}

function keyOf(id: string, params: Readonly<Record<string, unknown>>): string {
  return `${id} ${JSON.stringify(params)}`;
}

function knownMethod(id: string): AnyCreditMethod {
  const method = methodOf(id);
  if (method === undefined)
    throw new ParameterError(`there is no credit method "${id}"; "rewardlens methods" lists them`);
  return method;
}
