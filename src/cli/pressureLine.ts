import { pressureSettings } from "../core/credit/pressureSettings.ts";
import type { BatchPressure, TurnPressure } from "../core/credit/tokenPressure.ts";
import { formatNumber } from "../core/stats/formatNumber.ts";
import { UsageError } from "./arguments.ts";
import { parseSets } from "./settings.ts";

const prefix = `${pressureSettings.id}.`;

/**
 * Settings of token pressure among those of `--set`: the ones that begin with `pressure.`; and the rest.
 * @throws UsageError where one is set without `--pressure`, or does not fit
 */
export function pressureSets(
  isAsked: boolean,
  sets: readonly string[],
): { readonly settings: Readonly<Record<string, unknown>> | null; readonly rest: readonly string[] } {
  const own = sets.filter((set) => set.startsWith(prefix));
  const rest = sets.filter((set) => !set.startsWith(prefix));
  if (!isAsked && own.length > 0) throw new UsageError(`--set ${own[0]}: it needs --pressure`);
  const settings = parseSets([pressureSettings], own, "setting")[pressureSettings.id]!;
  return { settings: isAsked ? settings : null, rest };
}

/** `pressure` of a line of `credit --json`: an entry a turn, null at tokens that are not trained on or lack a signal. */
export function pressureOf(pressure: BatchPressure, r: number): Record<string, unknown> {
  const { params } = pressure;
  return {
    params,
    missing: pressure.missing(r),
    turns: pressure.turns(r).map((lanes, turn) => (lanes === null ? { turn } : ofTurn(turn, lanes, params))),
  };
}

function ofTurn(
  turn: number,
  { advantage, lossWeight, pressure, kl, klGradient, klPressure }: TurnPressure,
  params: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    turn,
    advantage: [...advantage],
    lossWeight: [...lossWeight],
    ...(params["kl"] === "none"
      ? {}
      : { kl: [...kl], klGradient: [...klGradient], klPressure: [...klPressure] }),
    pressure: [...pressure],
  };
}

/** The same in words: how much of the batch's push is this rollout's. */
export function pressureInWords(pressure: BatchPressure, r: number): string {
  const missing = pressure.missing(r);
  const lacks = missing.length > 0 ? `, without ${missing.join(", ")}` : "";
  const total = sumOfSizes(pressure.lane(r, "pressure"));
  const ofKl = sumOfSizes(pressure.lane(r, "klPressure"));
  if (total === null) return `no pressure${lacks}`;
  const back = ofKl === null ? "" : `, KL ${formatNumber(ofKl)}`;
  return `pressure ${formatNumber(total)} (Σ|w·A|${back})${lacks}`;
}

/** Null of no number. */
function sumOfSizes(values: Float64Array): number | null {
  const known = values.filter(Number.isFinite);
  return known.length === 0 ? null : known.reduce((sum, x) => sum + Math.abs(x), 0);
}
