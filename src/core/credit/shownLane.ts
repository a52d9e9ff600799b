import type { Batch, BatchCredit } from "./batchCredit.ts";
import type { Credit, TurnCredit } from "./credit.ts";
import { ParameterError } from "./parameter.ts";
import { type PressureLane, pressureLanes } from "./pressureSettings.ts";

/** Numbers of a batch as they are shown: a method's credit, another of its lanes, or what the loss makes of it. */
export interface ShownLane {
  /** Credit of member `r` with the lane's numbers in the place of the credit's. */
  credit(r: number): Credit;
  /** |numbers| over the whole batch, finite ones only, unsorted. */
  magnitudes(): Float64Array;
}

/** A lane that can be shown beside the credit. */
export interface LaneChoice {
  /** `credit`, a lane of the method, or `pressure.NAME`. */
  readonly id: string;
  readonly doc: string;
}

const credit = "credit";
const pressurePrefix = "pressure.";
/** Lanes of the token pressure that say something new. */
const shownPressure: readonly PressureLane[] = ["lossWeight", "pressure", "kl", "klPressure"];

/** Lanes of a run that can be shown: the credit, its parts, the numbers on its way, and its token pressure. */
export function laneChoices(run: BatchCredit): readonly LaneChoice[] {
  const own = Object.entries(run.lanes).filter(([id, { level }]) => id !== credit && level !== "batch");
  const order = { base: 0, weight: 1, component: 2 };
  const rank = ([, { kind }]: (typeof own)[number]): number => (kind === undefined ? 3 : order[kind]);
  return [
    { id: credit, doc: "the method's credit" },
    ...own.toSorted((a, b) => rank(a) - rank(b)).map(([id, { doc }]) => ({ id, doc })),
    ...shownPressure.map((name) => ({ id: pressurePrefix + name, doc: pressureLanes[name].doc })),
  ];
}

/** @throws ParameterError for a lane that the method does not have. */
export function shownLane(
  batch: Batch,
  method: string,
  explicit: Readonly<Record<string, unknown>>,
  lane: string,
): ShownLane {
  const run = batch.credit(method, explicit);
  if (lane === credit) return { credit: (r) => run.credit(r), magnitudes: () => run.magnitudes() };
  if (lane.startsWith(pressurePrefix)) {
    const name = lane.slice(pressurePrefix.length);
    if (!isPressureLane(name)) throw new ParameterError(`there is no lane "${lane}"`);
    return pressureLane(batch, run, explicit, name);
  }
  if (!Object.hasOwn(run.lanes, lane) || run.lanes[lane]!.level === "batch")
    throw new ParameterError(`${method} has no lane "${lane}" to show`);
  return methodLane(run, lane);
}

function methodLane(run: BatchCredit, lane: string): ShownLane {
  return {
    credit(r) {
      const own = run.credit(r);
      const spread = own.status === "ok" ? run.spread(r, lane) : null;
      if (own.status !== "ok" || spread === null) return own;
      const { credit: _, ...rest } = own;
      const whole = spread.level === "trajectory" ? { credit: run.lane(r, lane)[0]! } : {};
      return { ...rest, ...spread, ...whole };
    },
    magnitudes: () => run.magnitudes(lane),
  };
}

function pressureLane(
  batch: Batch,
  run: BatchCredit,
  explicit: Readonly<Record<string, unknown>>,
  name: PressureLane,
): ShownLane {
  const pressure = batch.pressure(run.method, explicit, {});
  const needsReference = name === "kl" || name === "klPressure";
  return {
    credit(r) {
      const own = run.credit(r);
      if (own.status !== "ok") return own;
      const { method, params } = own;
      const missing = pressure.missing(r).filter((signal) => needsReference || signal === "token.mask");
      if (missing.length > 0)
        return {
          status: "unavailable",
          method,
          params,
          missing,
          reason: `Token pressure needs ${missing.join(", ")}; this log has none for this rollout.`,
        };
      const { credit: _, ...rest } = own;
      const turns = pressure
        .turns(r)
        .map((turn): TurnCredit => (turn === null ? {} : { tokens: turn[name] }));
      return { ...rest, level: "token", turns };
    },
    magnitudes() {
      const all = batch.members.map((_, r) => pressure.lane(r, name).filter(Number.isFinite).map(Math.abs));
      const out = new Float64Array(all.reduce((n, { length }) => n + length, 0));
      let at = 0;
      for (const one of all) {
        out.set(one, at);
        at += one.length;
      }
      return out;
    },
  };
}

function isPressureLane(name: string): name is PressureLane {
  return Object.hasOwn(pressureLanes, name);
}
