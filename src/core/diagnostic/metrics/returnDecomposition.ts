import { isRecord } from "../../format/isRecord.ts";
import { outcomeOf } from "../../rollout/summary.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import {
  type Decomposed,
  decompositionLoss,
  factorReports,
  residualOf,
  returnRankCorrelation,
} from "../latentFactors.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { scopeOf } from "../batchScope.ts";
import { numberIn } from "../loggedFields.ts";
import { lackingOf } from "../lacking.ts";

/** How well logged proxy rewards explain the returns, and which latent factors they follow. */
export const returnDecomposition = diagnostic({
  id: "returnDecomposition",
  label: "Return decomposition",
  doc: "Mean squared difference between the proxy rewards' mean (`proxy_reward` of the policy's turns) and the return divided by the length, the rank correlation of their sums with the returns, and the share of each latent factor (`factors` of the turns, {name: number}).",
  paper: "https://arxiv.org/abs/2412.11120",
  status: "own",
  scope: "batch",
  needs: ["trajectory.reward", "turn.proxy_reward"],
  params: {
    alarm: {
      kind: "number",
      default: 0,
      min: -1,
      max: 1,
      doc: "rank correlation up to which the proxy rewards order the episodes wrongly",
    },
  },
  presets: { default: {} },
  measure: ({ alarm }) => ({
    batch: (batch) => [ofBatch(batch, alarm)],
    end: () => [],
  }),
});

function ofBatch(batch: MeasuredBatch, alarm: number): Measurement {
  const episodes = batch.members.flatMap(({ trajectory }) => decomposed(trajectory) ?? []);
  const scope = scopeOf(batch);
  const missing =
    episodes.length < batch.members.length
      ? { missing: lackingOf(batch.members, ["trajectory.reward", "turn.proxy_reward"]) }
      : {};
  if (episodes.length === 0) return { scope, value: NaN, evidence: {}, ...missing };
  const rankCorrelation = returnRankCorrelation(episodes);
  const reports = [...factorReports(episodes)].map(([name, report]) => [name, { ...report }] as const);
  return {
    scope,
    value: decompositionLoss(episodes),
    evidence: {
      rollouts: episodes.length,
      rankCorrelation,
      residuals: episodes.map(residualOf),
      factors: Object.fromEntries(reports),
    },
    ...missing,
    ...(rankCorrelation <= alarm ? { alarm: true } : {}),
  };
}

/** Null where the return or a turn's proxy reward is missing. A factor counts where every turn has it. */
function decomposed(trajectory: Trajectory): Decomposed | null {
  const own = trajectory.turns.filter(({ trainable }) => trainable);
  const proxy = own.map(({ extra }) => numberIn(extra.get("proxy_reward")));
  const ret = outcomeOf(trajectory);
  if (proxy.length === 0 || [ret, ...proxy].some(Number.isNaN)) return null;
  const logged = own.map(({ extra }) => {
    const factors = extra.get("factors");
    return isRecord(factors) ? factors : {};
  });
  const factors = new Map<string, readonly number[]>();
  for (const name of Object.keys(logged[0] ?? {})) {
    const values = logged.map((one) => (Object.hasOwn(one, name) ? numberIn(one[name]) : NaN));
    if (!values.some(Number.isNaN)) factors.set(name, values);
  }
  return { ret, proxy, factors };
}
