import { toNumber } from "../fields.ts";

/** Extra fields that are parts of the reward by their usual names. */
const rewardPart = /reward|^acc(uracy)?$|^format|^overlong|score/i;
const known = new Map<string, boolean>();

export function isRewardPart(name: string): boolean {
  let is = known.get(name);
  if (is === undefined) {
    is = rewardPart.test(name);
    // Names come from the log: a writer has a dozen, a hostile one as many as it likes.
    if (known.size < 1000) known.set(name, is);
  }
  return is;
}

/** A part of the reward as a number; undefined where it is none. */
export function rewardPartOf(value: unknown): number | undefined {
  return typeof value === "boolean" ? Number(value) : toNumber(value);
}

/** `acc` as an outcome: null where it is neither right nor wrong. */
export function successOf(acc: unknown): boolean | null {
  if (typeof acc === "boolean") return acc;
  const number = toNumber(acc);
  return number === 1 ? true : number === 0 ? false : null;
}

/**
 * The prompt of `prompt_rollout_output`, which names a row; null for an id without the two indices: that is the prompt's,
 * shared by its rollouts.
 */
export function promptOfUid(uid: string): string | null {
  const last = uid.lastIndexOf("_");
  const first = last <= 0 ? -1 : uid.lastIndexOf("_", last - 1);
  return first <= 0 ? null : uid.slice(0, first);
}

/** `…/12.jsonl` → 12: the older trainers' file name is the step. */
export function stepOfName(path: string): number | null {
  const digits = /(?:^|\/)(\d{1,15})\.[a-z]+$/i.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Dumps of validation lie in a folder of their own; nothing in the rows says so. */
export function isValidation(path: string): boolean {
  const folder = /([^/]*)\/[^/]*$/.exec(path)?.[1] ?? "";
  return /(?:^|[_-])val(?:id(?:ation)?)?(?:[_-]|$)/i.test(folder);
}
