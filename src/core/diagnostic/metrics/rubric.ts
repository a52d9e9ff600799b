import { isRecord } from "../../format/isRecord.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { meanOf } from "../../stats/moments.ts";
import { diagnostic, type MeasuredBatch, type MeasuredMember, type Measurement } from "../diagnostic.ts";
import { rolloutScope, scopeOf } from "../batchScope.ts";
import { fieldOf } from "../loggedFields.ts";
import { numberIn } from "../loggedFields.ts";
import { claimPrecision, harmonicMean, type Nugget, nuggetRecall } from "../rubricScore.ts";

/** Weighted share of a rubric's nuggets that a logged judge found in the answer. */
export const rubric = diagnostic({
  id: "rubric",
  label: "Rubric score",
  doc: "Weighted share of the points an answer should hold that a judge found: `nuggets` of the rollouts, [{weight, hit}] (weight 1 where it is missing, hit 0 to 1). With `claims`, [{supported}], also the share of claims that are supported, and F1.",
  paper: "https://arxiv.org/abs/2510.14660",
  status: "text",
  scope: "rollout",
  needs: ["trajectory.nuggets"],
  params: {
    alarm: {
      kind: "number",
      default: 0.5,
      min: 0,
      max: 1,
      doc: "reward minus rubric score that is worth a look",
    },
  },
  presets: { paper: {} },
  measure: ({ alarm }) => ({
    batch: (batch) => [...batch.members.map((member) => ofRollout(batch, member, alarm)), ofBatch(batch)],
    end: () => [],
  }),
});

function ofRollout(batch: MeasuredBatch, member: MeasuredMember, alarm: number): Measurement {
  const { trajectory } = member;
  const scope = rolloutScope(batch, trajectory);
  const nuggets = nuggetsOf(trajectory);
  if (nuggets === null) return { scope, value: NaN, evidence: {}, missing: ["trajectory.nuggets"] };
  const recall = nuggetRecall(nuggets);
  const missed = nuggets.filter(({ hit }) => hit === 0).length;
  const { reward } = trajectory;
  return {
    scope,
    value: recall,
    evidence: {
      nuggets: nuggets.length,
      missed,
      ...precisionOf(trajectory, recall),
      ...(Number.isNaN(reward) ? {} : { reward }),
    },
    ...(Number.isNaN(recall) ? { missing: ["trajectory.nuggets.hit"] } : {}),
    ...(reward - recall >= alarm ? { alarm: true } : {}),
  };
}

function ofBatch(batch: MeasuredBatch): Measurement {
  const scores = batch.members.flatMap(({ trajectory }) => {
    const nuggets = nuggetsOf(trajectory);
    return nuggets === null ? [] : [nuggetRecall(nuggets)];
  });
  return {
    scope: scopeOf(batch),
    value: meanOf(scores),
    evidence: { rollouts: scores.length },
    ...(scores.length < batch.members.length ? { missing: ["trajectory.nuggets"] } : {}),
  };
}

function precisionOf(trajectory: Trajectory, recall: number): Readonly<Record<string, number>> {
  const claims = fieldOf(trajectory, "claims");
  if (!Array.isArray(claims) || claims.length === 0) return {};
  const precision = claimPrecision(
    claims.map((claim: unknown) => (isRecord(claim) ? judged(claim["supported"]) : NaN)),
  );
  return { claims: claims.length, precision, f1: harmonicMean(precision, recall) };
}

function nuggetsOf(trajectory: Trajectory): readonly Nugget[] | null {
  const nuggets = fieldOf(trajectory, "nuggets");
  if (!Array.isArray(nuggets) || nuggets.length === 0) return null;
  return nuggets.map((nugget: unknown) => {
    if (!isRecord(nugget)) return { weight: NaN, hit: NaN };
    return {
      weight: nugget["weight"] === undefined ? 1 : numberIn(nugget["weight"]),
      hit: judged(nugget["hit"]),
    };
  });
}

/** true and false as 1 and 0; NaN = not judged. */
function judged(value: unknown): number {
  return typeof value === "boolean" ? Number(value) : numberIn(value);
}
