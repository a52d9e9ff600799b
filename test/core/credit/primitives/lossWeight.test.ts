import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Aggregation,
  aggregations,
  lossWeights,
} from "../../../../src/core/credit/primitives/lossWeight.ts";

function weightsOf(masks: readonly (readonly number[])[], aggregation: Aggregation, horizon = 0): number[][] {
  const positions = new Int32Array(masks.length + 1);
  masks.forEach(({ length }, r) => (positions[r + 1] = positions[r]! + length));
  const mask = Uint8Array.from(masks.flat());
  const weight = new Float64Array(mask.length).fill(NaN);
  lossWeights({ nRollouts: masks.length, positions, mask }, { aggregation, horizon }, weight);
  return masks.map((_, r) => [...weight.subarray(positions[r], positions[r + 1])]);
}

describe("loss weights", () => {
  const masks = [[1, 0, 1, 1], [1, 0], [0]];

  test("by hand: 4 trained tokens in 2 rollouts that count, 4 positions at most", () => {
    expect(weightsOf(masks, "token-mean")).toEqual([[1 / 4, 0, 1 / 4, 1 / 4], [1 / 4, 0], [0]]);
    expect(weightsOf(masks, "token-sum")).toEqual([[1, 0, 1, 1], [1, 0], [0]]);
    expect(weightsOf(masks, "seq-mean-token-sum")).toEqual([[1 / 2, 0, 1 / 2, 1 / 2], [1 / 2, 0], [0]]);
    expect(weightsOf(masks, "seq-mean-token-sum-norm")).toEqual([[1 / 8, 0, 1 / 8, 1 / 8], [1 / 8, 0], [0]]);
    const [long, short] = weightsOf(masks, "seq-mean-token-mean");
    expect(long![0]).toBeCloseTo(1 / 6, 8);
    expect(short![0]).toBeCloseTo(1 / 2, 7);
  });

  test("Dr.GRPO's constant length is the horizon, whatever the batch's longest rollout", () => {
    expect(weightsOf(masks, "seq-mean-token-sum-norm", 1024)[1]).toEqual([1 / 2048, 0]);
  });

  const anyMasks = fc.array(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 6,
  });

  test("the weights of a mean sum to 1, those of a mean of sums to the mean length", () => {
    fc.assert(
      fc.property(anyMasks, (all) => {
        const trained = all.map((mask) => mask.reduce<number>((a, b) => a + b, 0));
        const total = trained.reduce((a, b) => a + b, 0);
        if (total === 0) return;
        const sequences = trained.filter((n) => n > 0).length;
        const sum = (aggregation: Aggregation): number =>
          weightsOf(all, aggregation)
            .flat()
            .reduce((a, b) => a + b, 0);
        expect(sum("token-mean")).toBeCloseTo(1, 9);
        expect(sum("seq-mean-token-mean")).toBeCloseTo(1, 6);
        expect(sum("seq-mean-token-sum")).toBeCloseTo(total / sequences, 9);
        expect(sum("token-sum")).toBe(total);
      }),
    );
  });

  test("are 0 where not trained on, equal within a rollout, and follow rollouts that change places", () => {
    fc.assert(
      fc.property(anyMasks, fc.constantFrom(...aggregations), (all, aggregation) => {
        const weights = weightsOf(all, aggregation);
        const backwards = weightsOf(all.toReversed(), aggregation).toReversed();
        all.forEach((mask, r) => {
          mask.forEach((m, t) => {
            if (m === 0) expect(weights[r]![t]).toBe(0);
            else expect(weights[r]![t]).toBe(weights[r]![mask.indexOf(1)]);
          });
          expect(backwards[r]).toEqual(weights[r]);
        });
      }),
    );
  });
});
