import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epic } from "../../../src/core/diagnostic/metrics/epic.ts";
import { starc } from "../../../src/core/diagnostic/metrics/starc.ts";
import {
  epicDistance,
  normOf,
  pearsonDistance,
  starcDistance,
} from "../../../src/core/diagnostic/rewardDistance.ts";
import {
  canonical,
  policyValues,
  type RewardTable,
  shaped,
  tableOf,
} from "../../../src/core/diagnostic/rewardTable.ts";
import { bootstrap, sampledDistance } from "../../../src/core/diagnostic/sampledRewards.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

const number = fc.integer({ min: -300, max: 300 }).map((x) => x / 100);
const shape = { states: 3, actions: 2 } as const;
const table = fc
  .uniqueArray(fc.integer({ min: -300, max: 300 }), { minLength: 18, maxLength: 18 })
  .map((values): RewardTable => ({ ...shape, values: Float64Array.from(values, (x) => x / 100) }));
const transition = fc
  .array(fc.integer({ min: 1, max: 10 }), { minLength: 18, maxLength: 18 })
  .map((raw) =>
    Float64Array.from(raw, (x, i) => x / raw.slice(i - (i % 3), i - (i % 3) + 3).reduce((a, b) => a + b, 0)),
  );
const potential = fc.array(number, { minLength: 3, maxLength: 3 }).map((own) => Float64Array.from(own));
const settings = { norm: "2", distance: "2", zero: "keep" } as const;

function scaled({ values, ...rest }: RewardTable, factor: number): RewardTable {
  return { ...rest, values: values.map((x) => factor * x) };
}

describe("distances of reward tables", () => {
  test("are 0 under scaling and shaping, and 2 from the opposite, whatever the canonical form", () => {
    const forms = fc.constantFrom("EPIC", "DARD", "Value", "ValuePotential");
    fc.assert(
      fc.property(table, transition, potential, forms, (reward, p, phi, form) => {
        const dynamics = { transition: p, discount: 0.9 };
        fc.pre(normOf(canonical(reward, form, dynamics).values, "2", p) > 1e-2);
        const equivalent = shaped(scaled(reward, 2.5), phi, 0.9);
        expect(starcDistance(reward, equivalent, dynamics, { ...settings, form })).toBeLessThan(1e-4);
        expect(starcDistance(reward, scaled(reward, -1), dynamics, { ...settings, form })).toBeCloseTo(2, 4);
      }),
      { numRuns: 40 },
    );
  });

  test("of EPIC are 0 under scaling, shaping and a constant, 1 from the opposite, and symmetric", () => {
    fc.assert(
      fc.property(table, table, potential, (a, b, phi) => {
        const moved = shaped({ ...a, values: a.values.map((x) => 2 * x + 5) }, phi, 0.9);
        expect(epicDistance(a, moved, 0.9)).toBeLessThan(1e-6);
        expect(epicDistance(a, scaled(a, -1), 0.9)).toBeCloseTo(1, 9);
        expect(epicDistance(a, b, 0.9)).toBeCloseTo(epicDistance(b, a, 0.9), 9);
      }),
      { numRuns: 40 },
    );
  });

  test("of the value form are also 0 under a change of next states that keeps the expectation", () => {
    const p = Float64Array.from([0.5, 0.5, 0.5, 0.5, 0.25, 0.75, 1, 0]);
    const reward = tableOf([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ])!;
    const moved = { ...reward, values: Float64Array.from(reward.values) };
    // + 3 and − 1 with probabilities 0.25 and 0.75.
    moved.values[4]! += 3;
    moved.values[5]! -= 1;
    expect(
      starcDistance(reward, moved, { transition: p, discount: 0.9 }, { ...settings, form: "Value" }),
    ).toBeLessThan(1e-6);
    expect(
      starcDistance(reward, moved, { transition: p, discount: 0.9 }, { ...settings, form: "ValuePotential" }),
    ).toBeGreaterThan(0.01);
  });

  test("from a reward of 0: half way, or no number as the release's DARD has it", () => {
    const reward = tableOf([[[1, 2]], [[3, 5]]])!;
    const dynamics = { transition: new Float64Array(4).fill(0.5), discount: 0.9 };
    expect(starcDistance(reward, scaled(reward, 0), dynamics, { ...settings, form: "DARD" })).toBeCloseTo(
      1,
      12,
    );
    expect(
      starcDistance(reward, scaled(reward, 0), dynamics, { ...settings, form: "DARD", zero: "nan" }),
    ).toBeNaN();
    expect(
      pearsonDistance(reward.values, new Float64Array(4).fill(0.7), new Float64Array(4).fill(0.25)),
    ).toBeNaN();
  });

  test("values of one state that returns to itself: r / (1 − γ); a state never tried has 0", () => {
    const reward = tableOf([[[2, 0]], [[9, 9]]])!;
    const values = policyValues(reward, { transition: Float64Array.from([1, 0, 0, 0]), discount: 0.5 });
    expect([...values]).toEqual([expect.closeTo(4, 6), 0]);
  });

  test("norms: 7, 5, 4; weighted 1·3 + 0.5·4 = 5", () => {
    const [values, p] = [Float64Array.from([3, -4]), Float64Array.from([1, 0.5])];
    expect(["1", "2", "inf", "weighted_1"].map((name) => normOf(values, name as "1", p))).toEqual([
      7, 5, 4, 5,
    ]);
  });

  test("lists that are no S×A×S are no table", () => {
    expect(tableOf([[[1, 2]], [[3]]])).toBeNull();
    expect(tableOf([])).toBeNull();
  });
});

describe("distances over logged transitions", () => {
  const step = fc.record({
    from: fc.constantFrom("a", "b", "c"),
    to: fc.constantFrom("a", "b", "c", "end"),
    first: number,
  });

  test("are 0 under scaling and shaping, and largest from the opposite", () => {
    const steps = fc.array(step, { minLength: 12, maxLength: 20 });
    fc.assert(
      fc.property(steps, potential, (own, phi) => {
        const at = (state: string): number => phi["abc".indexOf(state)] ?? 0;
        const equal = own.map((one) => ({ ...one, second: 3 * one.first + 0.9 * at(one.to) - at(one.from) }));
        const opposite = own.map((one) => ({ ...one, second: -one.first }));
        const found = sampledDistance(opposite, 0.9);
        fc.pre(!Number.isNaN(found.starc));
        expect(found.starc).toBeCloseTo(2, 4);
        expect(found.epic).toBeCloseTo(1, 4);
        expect(sampledDistance(equal, 0.9).starc).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  test("to a reward that is shaping alone are unknown", () => {
    const seen = [
      { from: "a", to: "b", first: 1, second: 0.9 * 2 - 1 },
      { from: "b", to: "a", first: 0, second: 0.9 * 1 - 2 },
      { from: "a", to: "a", first: 3, second: 0.9 * 1 - 1 },
    ];
    expect(sampledDistance(seen, 0.9).starc).toBeNaN();
  });

  test("the interval is the same at each call, and there is none for one episode", () => {
    const one = (first: number) => [{ from: "a", to: "b", first, second: 2 * first }];
    const mean = (all: readonly { readonly first: number }[]): number =>
      all.reduce((sum, { first }) => sum + first, 0) / all.length;
    const episodes = [one(1), one(2), one(3), one(4)];
    const interval = bootstrap(episodes, 100, mean)!;
    expect(interval).toEqual(bootstrap(episodes, 100, mean));
    expect(interval[0]).toBeLessThan(2.5);
    expect(interval[1]).toBeGreaterThan(2.5);
    expect(bootstrap([one(1)], 100, mean)).toBeNull();
  });
});

describe("starc and epic over a log", () => {
  const tables = { one: [[[1, 2]], [[3, 5]]], two: [[[2, 4]], [[6, 10]]] };

  test("compare every two tables; what needs a transition says so", () => {
    const log = batches([rollout("a", [], { metadata: { reward_tables: tables } })]);
    const [without] = measure(starc, log).each;
    expect([without!.value, without!.missing]).toEqual([NaN, ["trajectory.transition"]]);
    expect(measure(starc, log, { form: "EPIC" }).each[0]!.value).toBeCloseTo(0, 9);
    expect(measure(epic, log).each[0]!.value).toBeCloseTo(0, 6);
    expect(measure(epic, log).end).toEqual([]);
  });

  test("use turns with states and two rewards where there are no tables", () => {
    const at = (state: string, reward: number, second: number) => [
      turn("user", "", { state }),
      turn("assistant", "go", { reward, more: { reward_model: second } }),
    ];
    const walk = [
      ...at("a", 1, -1),
      ...at("b", 0, 0),
      ...at("a", 5, -5),
      ...at("a", 2, -2),
      ...at("b", 7, -7),
      ...at("b", 1, -1),
    ];
    const { end } = measure(starc, batches([rollout("a", walk)]));
    expect(end[0]!.value).toBeCloseTo(2, 6);
    expect([end[0]!.evidence["transitions"], end[0]!.evidence["states"]]).toEqual([6, 3]);
    const nothing = measure(epic, batches([rollout("a", [turn("assistant", "x")])])).end[0]!;
    expect([nothing.value, nothing.missing]).toEqual([
      NaN,
      ["trajectory.reward_tables", "turn.state", "turn.reward", "turn.reward_model"],
    ]);
  });
});
