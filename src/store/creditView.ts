import type { BatchCredit } from "../core/credit/batchCredit.ts";
import type { AvailableCredit } from "../core/credit/credit.ts";
import type { CreditLevel } from "../core/credit/method.ts";
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
  run: BatchCredit,
  r: number,
  segmentation: Segmentation | undefined,
): CreditView {
  const credit = run.credit(r);
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
  return { ...shared(credit, run), tokens, steps, stepRewards };
}

/** The scale sorts a whole batch, so it is kept with what it was made of. */
const scales = new WeakMap<BatchCredit, number>();

function scaleOf(run: BatchCredit): number {
  let scale = scales.get(run);
  if (scale === undefined) scales.set(run, (scale = quantile(run.magnitudes(), scaleQuantile)));
  return scale;
}

const stepCredits = {
  trajectory: "whole response",
  turn: "whole turn",
  step: "own",
  token: "mean of tokens",
} as const satisfies Record<CreditLevel, AvailableCreditView["stepCredit"]>;

type Shared = Omit<AvailableCreditView, "tokens" | "steps" | "stepRewards">;

function shared(credit: AvailableCredit, run: BatchCredit): Shared {
  const { method, params, level, flags } = credit;
  return {
    status: "ok",
    method,
    params,
    level,
    provenance: method === "logged" ? "logged" : "recomputed",
    credit: credit.credit ?? NaN,
    stepCredit: stepCredits[level],
    scale: scaleOf(run),
    flags,
  };
}
