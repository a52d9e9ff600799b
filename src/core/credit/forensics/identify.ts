import type { Batch, BatchMember } from "../batchCredit.ts";
import { makeBatch, type BatchOptions } from "../engine.ts";
import { columnsOf } from "../missing.ts";
import { type ParameterValue, resolveParameters } from "../parameter.ts";
import { type AnyCreditMethod, creditMethods } from "../registry.ts";
import { contextOf } from "./context.ts";
import { numbersOf } from "./estimates.ts";
import { type Logged, loggedOf, type Target } from "./logged.ts";
import { affineResidual, residualOf, roundingOf } from "./residual.ts";
import { type Stage, type StageContext, stages, stagesOf } from "./stages.ts";

/** An estimator at a stage, and how far its numbers are from the logged ones. */
export interface Candidate {
  readonly method: string;
  readonly preset: string;
  /** Parameters that were fitted beside the preset's. */
  readonly params: Readonly<Record<string, number>>;
  readonly stage: Stage;
  /** Root mean square of the difference over that of the logged numbers. */
  readonly residual: number;
}

export interface Finding {
  /** Column that was explained; null where the log has none. */
  readonly target: Target | null;
  /** Best first, at most ten. */
  readonly candidates: readonly Candidate[];
  /** Id of the method that made the numbers, or `none`. */
  readonly verdict: string;
  /** The verdict in a sentence. */
  readonly explanation: string;
}

const mostCandidates = 10;
/** Rollouts on which discounts are tried out. */
const tried = 48;
const gammas = [1, 0.99, 0.95, 0.9, 0.5];
const lambdas = [0.95, 1, 0, 0.9, 0.97, 0.98, 0.99];
/** Residual below which float64 itself is the difference. */
const exact = 1e-12;
/** Estimators that agree with the log about equally well: the simplest is named first. */
const tieFactor = 3;
const tieFloor = 1e-9;

/**
 * Which estimator made the logged advantages (or returns)? Every method with every preset is computed over the batch and
 * compared with the log at each stage of a trainer's pipeline; discounts are tried out too. Yields after each method, so
 * that who waits can do other things, and give up.
 */
export function* identify(
  members: readonly BatchMember[],
  options: BatchOptions = {},
): Generator<string, Finding> {
  const logged = loggedOf(members);
  if (logged === null)
    return none(
      null,
      [],
      "The log holds no advantages and no returns, or no rollout has one at every trained token.",
    );
  const { numbers: y, target } = logged;
  if (y.every((x) => x === 0))
    return none(target, [], `All logged ${target} are 0: nothing tells estimators apart.`);
  if (!Number.isFinite(y.reduce((sum, x) => sum + x * x, 0)))
    return none(target, [], `Some logged ${target} are not finite or too large to be compared.`);
  const context = contextOf(members, logged);
  const batch = makeBatch(members, options);
  const small = makeBatch(firstGroups(members, tried), options);
  const found: Candidate[] = [];
  for (const method of creditMethods as unknown as readonly AnyCreditMethod[]) {
    for (const preset of Object.keys(method.presets)) {
      if (readsLogged(method, preset)) continue;
      const compared = compare(batch, method, { preset }, { logged, context });
      found.push(...compared);
      if (!hasDiscount(method) || compared.some(({ residual }) => residual <= roundingOf(y).residual))
        continue;
      const fitted = fitDiscounts(small, method, preset);
      if (fitted !== null) found.push(...compare(batch, method, { preset, ...fitted }, { logged, context }));
    }
    yield method.label;
  }
  return conclude(target, found, y);
}

interface Compared {
  readonly logged: Logged;
  readonly context: StageContext;
}

function compare(
  batch: Batch,
  method: AnyCreditMethod,
  explicit: { readonly preset: string } & Readonly<Record<string, ParameterValue>>,
  { logged, context }: Compared,
): readonly Candidate[] {
  const run = batch.credit(method.id, explicit);
  const { preset, ...params } = explicit;
  const at = (x: Float64Array | null, own: Stage): readonly Candidate[] =>
    x === null
      ? []
      : stagesOf(x, context).map(({ stage, numbers, fitted }) => ({
          method: method.id,
          preset,
          params: { ...(params as Record<string, number>), ...fitted },
          stage: stage === "raw" ? own : stage,
          residual: residualOf(context.y, numbers),
        }));
  if (logged.target === "returns") return at(numbersOf(batch.members, run, logged, "returns"), "raw");
  const whitens = "raw" in run.lanes && run.lanes["raw"]!.level === "token";
  const ofRaw = whitens ? at(numbersOf(batch.members, run, logged, "raw"), "raw") : [];
  return [...at(numbersOf(batch.members, run, logged, null), whitens ? "whitened" : "raw"), ...ofRaw].filter(
    ({ residual }) => Number.isFinite(residual),
  );
}

/** Discounts that fit best on a few rollouts, whatever scaling came after; null where none fits. */
function fitDiscounts(
  small: Batch,
  method: AnyCreditMethod,
  preset: string,
): Readonly<Record<string, number>> | null {
  const logged = loggedOf(small.members);
  if (logged === null || logged.target === "advantage") return null;
  const lane = logged.target === "returns" ? "returns" : null;
  let best: { readonly params: Record<string, number>; readonly residual: number } | null = null;
  for (const gamma of "gamma" in method.params ? gammas : [NaN])
    for (const lambda of "lambda" in method.params ? lambdas : [NaN]) {
      const params = {
        ...(Number.isNaN(gamma) ? {} : { gamma }),
        ...(Number.isNaN(lambda) ? {} : { lambda }),
      };
      const x = numbersOf(small.members, small.credit(method.id, { preset, ...params }), logged, lane);
      const residual = x === null ? NaN : affineResidual(logged.numbers, x);
      if (residual < (best?.residual ?? Infinity)) best = { params, residual };
    }
  return best === null || best.residual > 0.05 ? null : best.params;
}

/** What is made of logged advantages would be found to have made them. */
function readsLogged(method: AnyCreditMethod, preset: string): boolean {
  const { values } = resolveParameters(method, { preset });
  const columns = columnsOf(method, values);
  return (
    columns.has("advantage") || columns.has("token.old_advantage") || columns.has("token.old_advantages")
  );
}

function hasDiscount({ params, needs }: AnyCreditMethod): boolean {
  return ("gamma" in params || "lambda" in params) && (needs as readonly string[]).includes("tokenReward");
}

/** The first rollouts, with their groups whole. */
function firstGroups(members: readonly BatchMember[], n: number): readonly BatchMember[] {
  const keys = new Set(members.slice(0, n).map(({ groupKey }) => groupKey));
  return members.filter(({ groupKey }, r) => (groupKey === null ? r < n : keys.has(groupKey)));
}

function conclude(target: Target, found: readonly Candidate[], y: Float64Array): Finding {
  const known = found.filter(({ residual }) => Number.isFinite(residual));
  const least = known.reduce((low, { residual }) => Math.min(low, residual), Infinity);
  const isTied = ({ residual }: Candidate): boolean => residual <= tieFactor * least + tieFloor;
  const tied = known.filter(isTied).toSorted((a, b) => complexityOf(a) - complexityOf(b));
  const others = known.filter((one) => !isTied(one)).toSorted((a, b) => a.residual - b.residual);
  const candidates = distinct([...tied, ...others]).slice(0, mostCandidates);
  const [best] = candidates;
  const rounding = roundingOf(y);
  if (best === undefined) return none(target, [], `No method could be computed over this batch.`);
  if (best.residual > rounding.residual) {
    const far = `${best.method} (${best.stage}) is nearest, and ${(100 * best.residual).toPrecision(2)} % off`;
    return none(target, candidates, `No known estimator made these ${target}: ${far}.`);
  }
  const same = distinctMethods(tied).filter((id) => id !== best.method);
  const also = same.length === 0 ? "" : ` Over this batch ${same.join(", ")} would give the same numbers.`;
  return { target, candidates, verdict: best.method, explanation: `${inWords(best, target)}.${also}` };
}

function inWords({ method, preset, params, stage, residual }: Candidate, target: Target): string {
  const fitted = Object.entries(params).map(([name, x]) => `, ${name} ${Number(x.toPrecision(6))}`);
  const how = stage === "raw" ? "" : `, ${stage}`;
  const close = residual < exact ? "to the last digit" : `but for rounding (${residual.toExponential(1)})`;
  return `The ${target} are those of ${method} (${preset}${fitted.join("")})${how}, ${close}`;
}

/** The stage as it comes, then parameters that had to be fitted, then the registry's order (the basic methods first), then presets. */
function complexityOf({ method, preset, params, stage }: Candidate): number {
  const all = creditMethods as unknown as readonly AnyCreditMethod[];
  const at = all.findIndex(({ id }) => id === method);
  const own = at < 0 ? 0 : Object.keys(all[at]!.presets).indexOf(preset);
  const isOwn = stage === "raw" || (stage === "whitened" && preparesItself(all[at]));
  return (isOwn ? 0 : 1e6 * (1 + stages.indexOf(stage))) + 1e4 * Object.keys(params).length + 10 * at + own;
}

function preparesItself(method: AnyCreditMethod | undefined): boolean {
  return method !== undefined && "raw" in method.lanes;
}

function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ method, preset, stage, params }) => {
    const key = JSON.stringify([method, preset, stage, params]);
    return !seen.has(key) && seen.add(key);
  });
}

function distinctMethods(candidates: readonly Candidate[]): readonly string[] {
  return [...new Set(candidates.map(({ method }) => method))];
}

function none(target: Target | null, candidates: readonly Candidate[], explanation: string): Finding {
  return { target, candidates, verdict: "none", explanation };
}
