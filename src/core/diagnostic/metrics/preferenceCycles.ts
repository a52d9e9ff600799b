import { isRecord } from "../../format/isRecord.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { groupScope, groupsOf, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { intransitiveTriples, preferenceMatrix, winRates } from "../preferenceMatrix.ts";
import { lackingOf } from "../lacking.ts";

/** Share of the triples of a group whose preferences run in a circle: no pointwise reward can rank those. */
export const preferenceCycles = diagnostic({
  id: "preferenceCycles",
  label: "Preference cycles",
  doc: "Share of triples of rollouts that beat each other in a circle, with the win-rate matrix (`preferences` of the trajectory: by the other's id, the probability of being preferred).",
  paper: "https://arxiv.org/abs/2404.03715",
  status: "text",
  scope: "group",
  needs: ["trajectory.preferences", "trajectory.group"],
  params: {
    alarm: { kind: "number", default: 0.1, min: 0, max: 1, doc: "share of circles that is worth a look" },
  },
  presets: { default: {} },
  measure: ({ alarm }) => ({
    batch: (batch) => measureBatch(batch, alarm),
    end: () => [],
  }),
});

function measureBatch(batch: MeasuredBatch, alarm: number): readonly Measurement[] {
  const groups = groupsOf(batch).filter((members) =>
    members.some((one) => Object.keys(preferencesOf(one)).length > 0),
  );
  if (groups.length === 0) {
    const missing = lackingOf(batch.members, ["trajectory.preferences", "trajectory.group"]);
    return [{ scope: scopeOf(batch), value: NaN, evidence: {}, missing }];
  }
  return groups.map((members) => {
    const ids = members.map(({ id }) => id);
    const matrix = preferenceMatrix(ids, members.map(preferencesOf));
    const { compared, cycles } = intransitiveTriples(matrix);
    const value = compared === 0 ? NaN : cycles.length / compared;
    const evidence = {
      ids,
      matrix: matrix.map((row) => [...row]),
      winRates: winRates(matrix),
      compared,
      cycles: cycles.map((cycle) => cycle.map((i) => ids[i]!)),
    };
    return { scope: groupScope(batch, members[0]!.group), value, evidence, alarm: value >= alarm };
  });
}

function preferencesOf({ extra, metadata }: Trajectory): Readonly<Record<string, number>> {
  const logged = extra.get("preferences") ?? (isRecord(metadata) ? metadata["preferences"] : undefined);
  if (!isRecord(logged)) return {};
  return Object.fromEntries(
    Object.entries(logged).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}
