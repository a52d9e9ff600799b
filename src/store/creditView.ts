import type { AvailableCredit } from "../core/credit/credit.ts";
import type { CreditLevel } from "../core/credit/method.ts";
import type { ShownLane } from "../core/credit/shownLane.ts";
import type { Segmentation } from "../core/rollout/segment.ts";
import { stepsOf } from "../core/rollout/segment.ts";
import { quantile } from "../core/stats/quantile.ts";
import type { AvailableCreditView, CreditView } from "../protocol/store.ts";
import { processRewards, stepMeans } from "./stepColumns.ts";
import type { Trace } from "./traceView.ts";

/** |credit| below which 99 % of a batch lie has full colour. */
const scaleQuantile = 0.99;

/** Credit of one trajectory of a batch, flat over the document's tokens and steps. */
export function makeCreditView(
  trace: Trace,
  shown: Shown,
  r: number,
  segmentation: Segmentation | undefined,
): CreditView {
  const credit = shown.numbers.credit(r);
  if (credit.status === "unavailable") {
    const { method, missing, reason } = credit;
    return { status: "unavailable", method, missing, reason };
  }
  const { turns } = trace.loaded.trajectory;
  const tokens = new Float64Array(trace.rendered.tokens.length / 4).fill(NaN);
  const steps = new Float64Array(trace.rendered.steps.length / 4).fill(NaN);
  const stepRewards = new Float64Array(steps.length).fill(NaN);
  trace.rendered.turns.forEach(({ tokenFrom, stepFrom }, i) => {
    const own = credit.turns[i]!;
    const turn = turns[i]!;
    if (own.tokens !== undefined) tokens.set(own.tokens, tokenFrom);
    const ofSteps =
      own.steps ?? (own.tokens === undefined ? undefined : stepMeans(turn, own.tokens, segmentation));
    if (ofSteps !== undefined) steps.set(ofSteps, stepFrom);
    stepRewards.set(processRewards(stepsOf(turn, segmentation)), stepFrom);
  });
  return { ...shared(credit, shown), tokens, steps, stepRewards };
}

/** The scale sorts a whole batch, so it is kept with what it was made of. */
const scales = new WeakMap<object, Map<string, number>>();

function scaleOf({ numbers, of, lane }: Shown): number {
  let known = scales.get(of);
  if (known === undefined) scales.set(of, (known = new Map()));
  let scale = known.get(lane);
  if (scale === undefined) known.set(lane, (scale = quantile(numbers.magnitudes(), scaleQuantile)));
  return scale;
}

const stepCredits = {
  trajectory: "whole response",
  turn: "whole turn",
  step: "own",
  token: "mean of tokens",
} as const satisfies Record<CreditLevel, AvailableCreditView["stepCredit"]>;

/** The numbers that are shown, and what they are of. */
export interface Shown {
  readonly numbers: ShownLane;
  readonly lane: string;
  /** The run that they are computed from: it lives as long as they hold. */
  readonly of: object;
}

type Shared = Omit<AvailableCreditView, "tokens" | "steps" | "stepRewards">;

function shared(credit: AvailableCredit, shown: Shown): Shared {
  const { method, params, level, flags } = credit;
  return {
    status: "ok",
    method,
    params,
    level,
    lane: shown.lane,
    provenance: method === "logged" ? "logged" : "recomputed",
    credit: credit.credit ?? NaN,
    stepCredit: stepCredits[level],
    scale: scaleOf(shown),
    flags,
  };
}
