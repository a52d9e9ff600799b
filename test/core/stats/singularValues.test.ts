import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ridge } from "../../../src/core/stats/ridge.ts";
import { matrixOf, singularValues } from "../../../src/core/stats/singularValues.ts";
import { symmetricEigenvalues } from "../../../src/core/stats/symmetricEigenvalues.ts";
import { weightedCorrelation } from "../../../src/core/stats/weightedCorrelation.ts";

const number = fc.double({ min: -10, max: 10, noNaN: true });
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(number, { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

describe("singular values", () => {
  test("of [[3, 0], [4, 5]] are √45 and √5: AᵀA has trace 50 and determinant 225", () => {
    const [first, second] = singularValues(
      matrixOf([
        [3, 0],
        [4, 5],
      ]),
    );
    expect(first).toBeCloseTo(Math.sqrt(45), 12);
    expect(second).toBeCloseTo(Math.sqrt(5), 12);
  });

  test("of a matrix of rank 1 are its norm and 0", () => {
    const [first, second] = singularValues(
      matrixOf([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
    );
    expect(first).toBeCloseTo(Math.sqrt(70), 12);
    expect(second).toBeLessThan(1e-12);
  });

  test("keep small ones to full relative accuracy", () => {
    const [, second] = singularValues(
      matrixOf([
        [1, 0],
        [0, 1e-12],
      ]),
    );
    expect(second).toBeCloseTo(1e-12, 25);
  });

  test("are NaN where anything is", () => {
    expect([
      ...singularValues(
        matrixOf([
          [1, NaN],
          [0, 1],
        ]),
      ),
    ]).toEqual([NaN, NaN]);
  });

  test("have the matrix's sum of squares, and so has its transpose", () => {
    fc.assert(
      fc.property(matrix, (lists) => {
        const transposed = lists[0]!.map((_, j) => lists.map((row) => row[j]!));
        const squares = lists.flat().reduce((sum, x) => sum + x * x, 0);
        const own = singularValues(matrixOf(lists));
        const other = singularValues(matrixOf(transposed));
        expect(own.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(squares, 6);
        own.forEach((x, i) => expect(other[i]).toBeCloseTo(x, 6));
      }),
    );
  });
});

describe("eigenvalues of a symmetric matrix", () => {
  test("of [[2, 1], [1, 2]] are 3 and 1, of [[0, 1], [1, 0]] 1 and −1", () => {
    const eigenvalues = (lists: number[][]): number[] => [...symmetricEigenvalues(matrixOf(lists))];
    expect(
      eigenvalues([
        [2, 1],
        [1, 2],
      ]).map((x) => Math.round(x * 1e12) / 1e12),
    ).toEqual([3, 1]);
    expect(
      eigenvalues([
        [0, 1],
        [1, 0],
      ]).map((x) => Math.round(x * 1e12) / 1e12),
    ).toEqual([1, -1]);
  });

  test("of AᵀA are the squares of A's singular values", () => {
    fc.assert(
      fc.property(matrix, (lists) => {
        const gram = lists.map((a) => lists.map((b) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)));
        const eigenvalues = symmetricEigenvalues(matrixOf(gram));
        singularValues(matrixOf(lists)).forEach((x, i) => expect(eigenvalues[i]).toBeCloseTo(x * x, 5));
      }),
    );
  });
});

test("ridge regression gives Xᵀy / (XᵀX + penalty) for one column: (1·2 + 2·4) / (5 + 5) = 1", () => {
  expect(ridge(matrixOf([[1], [2]]), Float64Array.from([2, 4]), 5)[0]).toBeCloseTo(1, 12);
});

test("correlation is 1 of scaled and shifted columns, and not a number of a constant one", () => {
  const [a, even] = [Float64Array.from([1, 2, 4]), Float64Array.from([1, 1, 1])];
  expect(
    weightedCorrelation(
      a,
      a.map((x) => 3 * x - 7),
      even,
    ),
  ).toBeCloseTo(1, 12);
  expect(
    weightedCorrelation(
      a,
      a.map(() => 0.7),
      even,
    ),
  ).toBeNaN();
});
