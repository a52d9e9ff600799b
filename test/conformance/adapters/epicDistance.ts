import {
  canonicalDistance,
  directDistance,
  epicDistance as epic,
  evenWeights,
  pearsonDistance,
} from "../../../src/core/diagnostic/rewardDistance.ts";
import { canonical, shaped } from "../../../src/core/diagnostic/rewardTable.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";
import { numberOf } from "../golden.ts";
import { nested, tableFrom } from "./starc.ts";

export const epicDistance: ValueAdapter = {
  file: "epic_distance",
  values: (inputs) => ("reward" in inputs ? canonicalOf(inputs) : distances(inputs)),
};

function canonicalOf({ reward, discount, potential }: Inputs): Readonly<Record<string, unknown>> {
  const dynamics = { transition: new Float64Array(0), discount: numberOf(discount) };
  const table = tableFrom(reward);
  const states = Float64Array.from((potential ?? []) as readonly unknown[], numberOf);
  return {
    ...(potential === undefined ? {} : { shaped: nested(shaped(table, states, numberOf(discount))) }),
    canonical: nested(canonical(table, "EPIC", dynamics)),
    greedy: nested(canonical(table, "Greedy", dynamics)),
  };
}

function distances(inputs: Inputs): Readonly<Record<string, unknown>> {
  const [a, b] = [tableFrom(inputs["reward_a"]), tableFrom(inputs["reward_b"])];
  const discount = numberOf(inputs["discount"]);
  const even = evenWeights(a);
  const weights = inputs["weights"] === undefined ? even : tableFrom(inputs["weights"]).values;
  return {
    pearson_raw: pearsonDistance(a.values, b.values, even),
    pearson_raw_weighted: pearsonDistance(a.values, b.values, weights),
    epic_pearson: epic(a, b, discount),
    epic_pearson_weighted: epic(a, b, discount, weights),
    canonical_l1: canonicalDistance(a, b, discount, { form: "EPIC", p: 1 }),
    canonical_l2: canonicalDistance(a, b, discount, { form: "EPIC", p: 2 }),
    greedy_l2: canonicalDistance(a, b, discount, { form: "Greedy", p: 2 }),
    direct_l2: directDistance(a.values, b.values, 2, even),
    direct_l1_weighted: directDistance(a.values, b.values, 1, weights),
  };
}
