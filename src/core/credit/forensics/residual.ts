/** Root mean square of y − x over that of y: 0 = the same, 1 = as wrong as zeros; NaN where y is all zeros. */
export function residualOf(y: Float64Array, x: Float64Array): number {
  let [off, own] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    off += (y[i]! - x[i]!) ** 2;
    own += y[i]! ** 2;
  }
  return own === 0 ? NaN : Math.sqrt(off / own);
}

/** The same after the best a·x + b, over the spread of y: tells shapes apart whatever whitening or scaling came after. */
export function affineResidual(y: Float64Array, x: Float64Array): number {
  const n = y.length;
  let [meanX, meanY] = [0, 0];
  for (let i = 0; i < n; i++) {
    meanX += x[i]! / n;
    meanY += y[i]! / n;
  }
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  if (yy === 0 || xx === 0) return NaN;
  return Math.sqrt(Math.max(0, 1 - (xy * xy) / (xx * yy)));
}

/** Numbers of a log that came through a narrower type differ from what was computed by its rounding. */
const narrowTypes = [
  { name: "bfloat16", bits: 8 },
  { name: "float16", bits: 11 },
] as const;

/** Largest residual of the right estimator: float32 sums of long rollouts, or the rounding of a narrower type. */
const float32Residual = 1e-4;

/** The residual that rounding explains, and the type that the numbers seem to come from. */
export function roundingOf(y: Float64Array): { readonly residual: number; readonly type: string } {
  for (const { name, bits } of narrowTypes)
    if (y.every((x) => isRoundedTo(x, bits))) return { residual: 2 ** -bits, type: name };
  return { residual: float32Residual, type: "float32" };
}

/** The number has at most so many significant binary digits. */
function isRoundedTo(x: number, bits: number): boolean {
  if (x === 0 || !Number.isFinite(x)) return true;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - bits + 1);
  return Number.isInteger(x / unit);
}
