import type { Trajectory } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";

type Json = Readonly<Record<string, unknown>>;

/** What Harbor's verifier and its clock say of a trial (`result.json`). */
export type Verdict = Pick<Trajectory, "reward" | "rewards" | "truncated">;

export function isTrial(record: Json): boolean {
  return typeof record["trial_name"] === "string" && Object.hasOwn(record, "verifier_result");
}

/** `reward` is the name that Harbor's own verifiers give the one that counts; a single one counts by any name. */
export function verdictOf(trial: Json): Verdict {
  const verifier = isRecord(trial["verifier_result"]) ? trial["verifier_result"] : {};
  const named = isRecord(verifier["rewards"]) ? Object.entries(verifier["rewards"]) : [];
  const rewards = new Map(
    named.map(([name, x]) => [name, typeof x === "number" ? x : typeof x === "boolean" ? Number(x) : NaN]),
  );
  const exception = isRecord(trial["exception_info"]) ? trial["exception_info"]["exception_type"] : undefined;
  return {
    reward: rewards.get("reward") ?? (rewards.size === 1 ? [...rewards.values()][0]! : NaN),
    rewards,
    truncated: typeof exception === "string" && /Timeout/.test(exception) ? true : null,
  };
}
