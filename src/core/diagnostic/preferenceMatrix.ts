/** Probabilities that i is preferred to j: `matrix[i][j]`; NaN on the diagonal and where no comparison is known. */
export type PreferenceMatrix = readonly Float64Array[];

/**
 * The matrix of logged preferences, each by the other's id. Where only one direction is logged, the other is its
 * complement; where both are, they are kept as they are.
 */
export function preferenceMatrix(
  ids: readonly string[],
  preferences: readonly Readonly<Record<string, number>>[],
): PreferenceMatrix {
  const matrix = ids.map(() => new Float64Array(ids.length).fill(NaN));
  ids.forEach((_, i) =>
    ids.forEach((other, j) => {
      if (i !== j && Object.hasOwn(preferences[i]!, other)) matrix[i]![j] = preferences[i]![other]!;
    }),
  );
  for (let i = 0; i < ids.length; i++)
    for (let j = 0; j < ids.length; j++)
      if (Number.isNaN(matrix[i]![j]!) && !Number.isNaN(matrix[j]![i]!)) matrix[i]![j] = 1 - matrix[j]![i]!;
  return matrix;
}

/** Mean known probability of each row; NaN where none is known. */
export function winRates(matrix: PreferenceMatrix): readonly number[] {
  return matrix.map((row) => {
    const known = row.filter((p) => !Number.isNaN(p));
    return known.reduce((sum, p) => sum + p, 0) / known.length;
  });
}

/** Triples that were compared both ways around, and those of them in which each beats the next: i ≻ j ≻ k ≻ i. */
export function intransitiveTriples(matrix: PreferenceMatrix): {
  readonly compared: number;
  readonly cycles: readonly (readonly [number, number, number])[];
} {
  const beats = (i: number, j: number): boolean => matrix[i]![j]! > 0.5;
  const known = (i: number, j: number): boolean => !Number.isNaN(matrix[i]![j]!);
  const cycles: (readonly [number, number, number])[] = [];
  let compared = 0;
  for (let i = 0; i < matrix.length; i++)
    for (let j = i + 1; j < matrix.length; j++)
      for (let k = j + 1; k < matrix.length; k++) {
        if (!known(i, j) || !known(j, k) || !known(k, i)) continue;
        compared++;
        if (beats(i, j) && beats(j, k) && beats(k, i)) cycles.push([i, j, k]);
        else if (beats(i, k) && beats(k, j) && beats(j, i)) cycles.push([i, k, j]);
      }
  return { compared, cycles };
}
