/** A golden file: inputs and outputs of an official implementation. NaN and infinities are strings. */
export interface Golden {
  readonly method: string;
  readonly dtype: string;
  readonly cases: readonly GoldenCase[];
}

export interface GoldenCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Relative and absolute tolerance by the type the official code computed in. */
export const tolerances: Readonly<Record<string, number>> = { float64: 1e-6, float32: 1e-4, bfloat16: 1e-2 };

/** A matrix, a vector or a number as one row of numbers a rollout. */
export function rowsOf(value: unknown): readonly (readonly number[])[] {
  if (!Array.isArray(value)) return [[numberOf(value)]];
  return value.map((row: unknown) => (Array.isArray(row) ? row.map(numberOf) : [numberOf(row)]));
}

export function numberOf(value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  return Number(value);
}

/** |a − b| ≤ tol · (1 + |b|); NaN equals NaN only, an infinity itself only, −0 equals 0. */
export function agrees(actual: number, expected: number, tolerance: number): boolean {
  if (Number.isNaN(expected) || Number.isNaN(actual)) return Number.isNaN(expected) && Number.isNaN(actual);
  if (!Number.isFinite(expected)) return actual === expected;
  return Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected));
}
