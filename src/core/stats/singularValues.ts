/** A dense matrix, row after row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Length rows · columns. */
  readonly values: Float64Array;
}

const sweepLimit = 60;
/** Columns count as orthogonal below this cosine. */
const orthogonal = 1e-15;

/** Lists of equal length as a matrix. */
export function matrixOf(lists: readonly (readonly number[])[]): Matrix {
  const columns = lists[0]?.length ?? 0;
  return { rows: lists.length, columns, values: Float64Array.from(lists.flat()) };
}

/**
 * Singular values by one-sided Jacobi rotations (Hestenes 1958), largest first: min(rows, columns) of them, to full relative
 * accuracy even where they are small. A NaN or an infinity anywhere gives NaN everywhere.
 */
export function singularValues(matrix: Matrix): Float64Array {
  const vectors = shorterSide(matrix);
  const finite = matrix.values.every((x) => Number.isFinite(x));
  if (!finite) return new Float64Array(vectors.length).fill(NaN);
  for (let sweep = 0; sweep < sweepLimit; sweep++) if (!sweepOnce(vectors)) break;
  return Float64Array.from(vectors, (v) => Math.sqrt(dot(v, v)))
    .sort()
    .reverse();
}

/** The rows or the columns, whichever are fewer, as vectors of their own: both have the same singular values. */
function shorterSide({ rows, columns, values }: Matrix): Float64Array[] {
  if (rows <= columns) {
    return Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns));
  }
  return Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (__, i) => values[i * columns + j]!),
  );
}

/** Makes every pair orthogonal once. @returns whether a pair was not */
function sweepOnce(vectors: readonly Float64Array[]): boolean {
  let rotated = false;
  for (let i = 0; i < vectors.length; i++) {
    for (let j = i + 1; j < vectors.length; j++) {
      if (rotate(vectors[i]!, vectors[j]!)) rotated = true;
    }
  }
  return rotated;
}

function rotate(a: Float64Array, b: Float64Array): boolean {
  const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
  if (Math.abs(ab) <= orthogonal * Math.sqrt(aa * bb)) return false;
  const zeta = (bb - aa) / (2 * ab);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
  return true;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
