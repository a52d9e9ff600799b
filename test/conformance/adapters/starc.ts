import { normNames, normOf, starcDistance } from "../../../src/core/diagnostic/rewardDistance.ts";
import {
  canonical,
  type CanonicalForm,
  type Dynamics,
  type RewardTable,
  tableOf,
} from "../../../src/core/diagnostic/rewardTable.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

const forms: readonly CanonicalForm[] = ["EPIC", "DARD", "Value", "ValuePotential", "None"];

export const starc: ValueAdapter = {
  file: "starc",
  values: (inputs) => ("reward" in inputs ? canonicals(inputs) : distances(inputs)),
};

export function tableFrom(lists: unknown): RewardTable {
  return tableOf((lists as readonly unknown[]).map(rowsOf))!;
}

export function nested({ states, actions, values }: RewardTable): readonly unknown[] {
  return Array.from({ length: states }, (_, s) =>
    Array.from({ length: actions }, (__, a) => {
      const from = (s * actions + a) * states;
      return [...values.subarray(from, from + states)];
    }),
  );
}

function dynamicsOf({ transition, discount }: Inputs): Dynamics {
  return { transition: tableFrom(transition).values, discount: numberOf(discount) };
}

function canonicals(inputs: Inputs): Readonly<Record<string, unknown>> {
  const dynamics = dynamicsOf(inputs);
  const reward = tableFrom(inputs["reward"]);
  return Object.fromEntries(
    forms.map((form) => {
      const table = canonical(reward, form, dynamics);
      const norms = normNames.map((norm) => [norm, normOf(table.values, norm, dynamics.transition)]);
      return [form, { canonical: nested(table), norms: Object.fromEntries(norms) as unknown }];
    }),
  );
}

function distances(inputs: Inputs): Readonly<Record<string, unknown>> {
  const dynamics = dynamicsOf(inputs);
  const [a, b] = [tableFrom(inputs["reward_a"]), tableFrom(inputs["reward_b"])];
  const by = (form: CanonicalForm, zero: "keep" | "nan" = "keep"): number =>
    starcDistance(a, b, dynamics, { form, norm: "2", distance: "2", zero });
  return {
    ...Object.fromEntries(forms.map((form) => [`${form}_l2_l2`, by(form)])),
    epic_official: by("EPIC"),
    dard_official: by("DARD", "nan"),
  };
}
