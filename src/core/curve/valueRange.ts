/** Values on an axis, from `low` up to `high`; `high` is above `low`. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** Share of the axis that is left free above and below the line. */
const padding = 0.06;

/**
 * The axis on which values from `low` to `high` are drawn, outliers and all: with a little room at both ends, and with
 * height where all values are the same. Where there is no value (NaN), 0 to 1.
 */
export function linearRange(low: number, high: number): ValueRange {
  if (!(low <= high)) return { low: 0, high: 1 };
  // Below float32's precision a difference is rounding, and no label of an axis could tell its ends apart.
  const least = Math.max(Math.abs(low), Math.abs(high)) * 1e-6;
  if (high - low <= least) {
    // A tenth of the smallest numbers is 0.
    const half = Math.max(Math.abs(low) * 0.1, least) || 0.5;
    return { low: low - half, high: high + half };
  }
  const room = (high - low) * padding;
  return { low: low - room, high: high + room };
}

/** The same on a logarithmic axis; both bounds are above 0. Where there is no value, 0.1 to 10. */
export function logRange(low: number, high: number): ValueRange {
  if (!(low > 0 && low <= high)) return { low: 0.1, high: 10 };
  const { low: from, high: to } = linearRange(Math.log10(low), Math.log10(high));
  return { low: 10 ** from, high: 10 ** to };
}

/** A tick's label with as many decimals as tell it from the next, `spacing` away; a real minus sign. */
export function tickLabel(value: number, spacing: number): string {
  if (Math.abs(value) < spacing / 1e6) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  const decimals = Math.max(0, Math.ceil(-Math.log10(spacing) - 1e-6));
  if (size >= 1e6 || (size < 1e-3 && decimals > 4)) {
    const digits = Math.max(0, Math.floor(Math.log10(size)) - Math.floor(Math.log10(spacing) + 1e-6));
    return sign + size.toExponential(Math.min(6, digits)).replace("e+", "e").replace("e-", "e−");
  }
  return sign + size.toFixed(Math.min(10, decimals));
}

/**
 * Values at which a logarithmic axis is labelled: powers of ten, with 2 and 5 times them where there are few, and round
 * numbers where the axis holds less than a decade. At most about six.
 */
export function logTicks({ low, high }: ValueRange): readonly number[] {
  const decades = Math.log10(high / low);
  if (decades < 1) return roundTicks({ low, high });
  const digits = decades <= 2 ? [1, 2, 5] : [1];
  const stride = Math.ceil(decades / 6);
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    if (power % stride !== 0) continue;
    for (const digit of digits) ticks.push(Number(`${digit}e${power}`));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

function roundTicks({ low, high }: ValueRange): readonly number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const spacing = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / spacing);
  const count = Math.floor(high / spacing) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * spacing);
}
