import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agreementOf, differences, ranks } from "../../../src/core/credit/agreement.ts";

const of = (...x: number[]): Float64Array => Float64Array.from(x);

describe("agreement of two methods", () => {
  test("the same order is 1, the opposite −1, whatever the scale", () => {
    expect(agreementOf(of(1, 2, 5), of(10, 40, 1000)).rank).toBeCloseTo(1, 12);
    expect(agreementOf(of(1, 2, 5), of(3, 2, 1)).rank).toBeCloseTo(-1, 12);
  });

  test("ties share the mean of their ranks: (1, 2.5, 2.5, 4)", () => {
    expect([...ranks(of(1, 3, 3, 9))]).toEqual([1, 2.5, 2.5, 4]);
    // Ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): Σ dx·dy = 2.25 + 0 + 0 + 2.25 = 4.5, Σ dx² = 4.5, Σ dy² = 5.
    expect(agreementOf(of(1, 3, 3, 9), of(1, 2, 3, 4)).rank).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });

  test("one number for all places says nothing of their order", () => {
    expect(agreementOf(of(1, 1, 1), of(1, 2, 3)).rank).toBeNaN();
  });

  test("signs: one of three is opposed; zero opposes nothing; what is missing is not counted", () => {
    expect(agreementOf(of(1, -1, 0, NaN), of(2, 3, -1, -5))).toMatchObject({ n: 3, opposed: 1 / 3 });
    expect(agreementOf(of(NaN), of(1))).toMatchObject({ n: 0, opposed: NaN });
  });

  test("is symmetric, and 1 with itself", () => {
    const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const n = Math.min(left.length, right.length);
        const [a, b] = [of(...left.slice(0, n)), of(...right.slice(0, n))];
        const [ab, ba] = [agreementOf(a, b), agreementOf(b, a)];
        if (Number.isNaN(ab.rank)) expect(ba.rank).toBeNaN();
        else expect(ab.rank).toBeCloseTo(ba.rank, 12);
        expect(ab.opposed).toBe(ba.opposed);
        const own = agreementOf(a, a).rank;
        if (!Number.isNaN(own)) expect(own).toBeCloseTo(1, 12);
      }),
    );
  });
});

test("differences are in units of each method's own size: scaling one changes nothing", () => {
  const [a, b] = [of(1, -2, NaN, 4), of(3, 3, 3, -1)];
  const plain = differences(a, b);
  const scaled = differences(
    a.map((x) => 100 * x),
    b,
  );
  plain.forEach((x, i) =>
    Number.isNaN(x) ? expect(scaled[i]).toBeNaN() : expect(scaled[i]).toBeCloseTo(x, 12),
  );
  expect(plain[2]).toBeNaN();
});
