import { isRecord } from "../../format/isRecord.ts";
import { outcomeOf } from "../../rollout/summary.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { rolloutScope, scopeOf } from "../batchScope.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { type Behaviour, coverageOf, NoveltyArchive } from "../noveltyArchive.ts";
import { fieldOf, numbersIn } from "../loggedFields.ts";

/** How new each rollout's behaviour is, how much of the space was reached, and what was made of rewards found. */
export const novelty = diagnostic({
  id: "novelty",
  label: "Novelty and coverage",
  doc: "Mean distance of a rollout's behaviour (field `behavior` or `descriptor`: numbers, or numbers by name) to the nearest behaviours of the train steps before; over the run, the share of a grid that was reached, cells where a reward was found, and those sought out again.",
  paper: "https://arxiv.org/abs/2203.01027",
  status: "text",
  scope: "rollout",
  needs: ["trajectory.behavior"],
  params: {
    neighbours: { kind: "number", whole: true, default: 15, min: 1, doc: "nearest behaviours that count" },
    bins: { kind: "number", whole: true, default: 10, min: 1, doc: "cells of the grid in each dimension" },
    rewardAbove: { kind: "number", default: 0, doc: "a reward above this is one found" },
  },
  presets: { default: {} },
  measure({ neighbours, bins, rewardAbove }) {
    const archive = new NoveltyArchive(Math.round(neighbours));
    const met: Behaviour[] = [];
    let run = "";
    return {
      batch(batch) {
        ({ run } = batch);
        const found = batch.members.flatMap(({ trajectory }) => {
          const point = behaviourOf(trajectory);
          const fits = point !== null && point.length === (met[0]?.point.length ?? point.length);
          return fits ? [{ trajectory, point, reward: outcomeOf(trajectory) }] : [];
        });
        if (found.length === 0)
          return [{ scope: scopeOf(batch), value: NaN, evidence: {}, missing: ["trajectory.behavior"] }];
        const measured = found.map(({ trajectory, point }): Measurement => {
          const value = archive.novelty(point);
          const evidence = { behavior: [...point], archive: archive.size };
          const first = archive.size === 0 ? { missing: ["trajectory.behavior"] } : {};
          return { scope: rolloutScope(batch, trajectory), value, evidence, ...first };
        });
        for (const { point } of found) archive.add(point);
        met.push(...found);
        return measured;
      },
      end() {
        if (met.length === 0) return [];
        const coverage = coverageOf(met, Math.round(bins), rewardAbove);
        return [
          { scope: { run }, value: coverage.coverage, evidence: { ...coverage, behaviours: met.length } },
        ];
      },
    };
  },
});

/** Only whole descriptors: one with a hole has no distance. */
function behaviourOf(trajectory: Trajectory): readonly number[] | null {
  const value = fieldOf(trajectory, "behavior") ?? fieldOf(trajectory, "descriptor");
  const numbers = numbersIn(isRecord(value) ? Object.values(value) : value);
  return numbers === null || numbers.some(Number.isNaN) ? null : numbers;
}
