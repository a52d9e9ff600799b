import { isRecord } from "../../format/isRecord.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { diagnostic, type Plain } from "../diagnostic.ts";
import { type Labelled, type LabelParents, reannotationQueue } from "../labelHierarchy.ts";
import { fieldOf, textField, textOf } from "../loggedFields.ts";

interface Place {
  readonly id: string;
  readonly turn?: number;
  readonly step?: number;
}

/** Labels worth a second look, in the order in which a budget is best spent. */
export const reannotation = diagnostic({
  id: "reannotation",
  label: "Re-annotation queue",
  doc: "Rollouts, turns and steps whose recorded `label` (of a step, where it is a word: `category`) and model's `predicted` differ, farthest apart in the label hierarchy first (field `label_hierarchy` of a trajectory: the parent of each label; without one all labels are equally far).",
  paper: "https://arxiv.org/abs/2112.13320",
  status: "text",
  scope: "run",
  needs: ["trajectory.label", "trajectory.predicted"],
  params: {
    budget: { kind: "number", whole: true, default: 20, min: 1, doc: "items that can be looked at" },
    perClass: { kind: "boolean", default: false, doc: "so many of each recorded label" },
  },
  presets: { default: {} },
  measure({ budget, perClass }) {
    const items: (Labelled & { place: Place })[] = [];
    const parents: Record<string, string> = {};
    let run = "";
    return {
      batch(batch) {
        ({ run } = batch);
        for (const { trajectory } of batch.members) {
          Object.assign(parents, hierarchyOf(trajectory));
          items.push(...itemsOf(trajectory));
        }
        return [];
      },
      end() {
        if (items.length === 0) {
          const missing = ["trajectory.label", "trajectory.predicted"];
          return [{ scope: { run }, value: null, evidence: {}, missing }];
        }
        const queue = reannotationQueue(items, parents, { budget: Math.round(budget), perClass });
        const value = queue.map(({ place, label, predicted, distance }): Plain => ({
          ...place,
          label,
          predicted,
          distance,
        }));
        const differing = items.filter(({ label, predicted }) => label !== predicted).length;
        const evidence = { items: items.length, differing, hierarchy: Object.keys(parents).length };
        return [{ scope: { run }, value, evidence }];
      },
    };
  },
});

function hierarchyOf(trajectory: Trajectory): LabelParents {
  const value = fieldOf(trajectory, "label_hierarchy");
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** Labelled things of a rollout: itself, its turns and their steps. Steps may hold labels as text or as numbers. */
function itemsOf(trajectory: Trajectory): (Labelled & { place: Place })[] {
  const { id, turns } = trajectory;
  const own = pair(textField(trajectory, "label"), textField(trajectory, "predicted"), { id });
  return [
    ...own,
    ...turns.flatMap(({ extra, steps }, turn) => {
      const stepText = (name: string, step: number): string | null =>
        textOf(steps.extra.get(name)?.[step]) ?? numberText(steps.columns.get(name)?.[step]);
      return [
        ...pair(textOf(extra.get("label")), textOf(extra.get("predicted")), { id, turn }),
        ...Array.from({ length: steps.n }, (_, step) =>
          pair(stepText("category", step) ?? stepText("label", step), stepText("predicted", step), {
            id,
            turn,
            step,
          }),
        ).flat(),
      ];
    }),
  ];
}

function pair(label: string | null, predicted: string | null, place: Place): (Labelled & { place: Place })[] {
  return label === null || predicted === null ? [] : [{ label, predicted, place }];
}

function numberText(x: number | undefined): string | null {
  return x === undefined || Number.isNaN(x) ? null : String(x);
}
