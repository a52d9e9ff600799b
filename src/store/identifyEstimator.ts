import { setImmediate } from "node:timers/promises";
import type { BatchMember } from "../core/credit/batchCredit.ts";
import { type Finding, identify } from "../core/credit/forensics/identify.ts";
import { UserError } from "../protocol/userError.ts";

/**
 * Which estimator made the logged advantages of a train step. Rests between methods, so that other calls are answered.
 * @throws UserError when the caller gave up
 */
export async function identifyEstimator(
  members: readonly BatchMember[],
  signal: AbortSignal,
): Promise<Finding> {
  const identifying = identify(members);
  for (;;) {
    const { done, value } = identifying.next();
    if (done === true) return value;
    await setImmediate();
    if (signal.aborted) throw new UserError("cancelled", "Cancelled");
  }
}
