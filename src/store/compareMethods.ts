import { setImmediate } from "node:timers/promises";
import { agreementOf, differences } from "../core/credit/agreement.ts";
import { creditMethods } from "../core/credit/registry.ts";
import type { Segmentation } from "../core/rollout/segment.ts";
import type { AvailableCreditView, CreditRequest, MethodAgreement } from "../protocol/store.ts";
import type { LoadedBatch } from "./batchCache.ts";
import { makeCreditView } from "./creditView.ts";
import type { Trace } from "./traceView.ts";

interface Comparing {
  readonly trace: Trace;
  readonly loaded: LoadedBatch;
  readonly r: number;
  readonly segmentation: Segmentation | undefined;
  readonly signal: AbortSignal;
}

/**
 * How far every other method that can be computed on a rollout agrees with a method, the most alike first. Over its tokens
 * where both have numbers there, else over its steps. Rests between methods, so that other calls are answered.
 */
export async function compareMethods(
  { method, params }: CreditRequest,
  comparing: Comparing,
): Promise<readonly MethodAgreement[]> {
  const { trace, loaded, r, segmentation, signal } = comparing;
  const viewOf = (id: string, explicit: CreditRequest["params"]): AvailableCreditView | null => {
    const run = loaded.batch.credit(id, explicit);
    const view = makeCreditView(trace, { numbers: run, lane: "credit", of: run }, r, segmentation);
    return view.status === "ok" ? view : null;
  };
  const own = viewOf(method, params);
  if (own === null) return [];
  const found: MethodAgreement[] = [];
  for (const { id, label } of creditMethods) {
    if (id === method || loaded.batch.missing(r, id).length > 0) continue;
    await setImmediate();
    if (signal.aborted) return [];
    const other = viewOf(id, {});
    if (other !== null) found.push({ method: id, label, ...agreement(own, other, trace) });
  }
  const order = (x: number): number => (Number.isNaN(x) ? -2 : x);
  return found.toSorted((a, b) => order(b.rank) - order(a.rank));
}

function agreement(
  a: AvailableCreditView,
  b: AvailableCreditView,
  { rendered }: Trace,
): Omit<MethodAgreement, "method" | "label"> {
  const byToken = hasNumbers(a.tokens) && hasNumbers(b.tokens);
  const over = byToken ? "tokens" : "steps";
  const widest = widestStep(differences(a.steps, b.steps));
  return {
    over,
    ...agreementOf(a[over], b[over]),
    line: widest < 0 ? null : rendered.steps[4 * widest]!,
  };
}

/** The step at which two methods differ most; −1 where they have no step in common. */
function widestStep(difference: Float64Array): number {
  let widest = -1;
  difference.forEach((x, k) => {
    if (!Number.isNaN(x) && (widest < 0 || x > difference[widest]!)) widest = k;
  });
  return widest;
}

function hasNumbers(column: Float64Array): boolean {
  return column.some(Number.isFinite);
}
