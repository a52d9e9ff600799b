/** Shown where a log holds no number. */
export const notAvailable = "—";

const minus = "−";

/**
 * A number for people: about three significant digits, a real minus sign, no exponent between 1e-4 and 1e6.
 * NaN is "—", never 0.
 */
export function formatNumber(x: number): string {
  if (Number.isNaN(x)) return notAvailable;
  if (!Number.isFinite(x)) return x > 0 ? "∞" : `${minus}∞`;
  const size = Math.abs(x);
  if (size === 0) return "0";
  let text: string;
  if (size >= 1e6 || size < 1e-4)
    text = size
      .toExponential(2)
      .replace(/\.?0*e\+?/, "e")
      .replace("e-", `e${minus}`);
  else if (Number.isInteger(size)) text = size.toString();
  else text = size.toFixed(size >= 100 ? 1 : size >= 0.01 ? 3 : 5).replace(/(\.\d{2,}?)0+$/, "$1");
  return x < 0 ? minus + text : text;
}

/** The same with a sign always shown, two decimals: the number at the end of a step. */
export function formatSigned(x: number): string {
  if (Number.isNaN(x)) return notAvailable;
  const size = Math.abs(x);
  const text = Number.isFinite(size)
    ? size < 0.005 && size > 0
      ? size.toPrecision(1)
      : size.toFixed(2)
    : "∞";
  if (x === 0) return "0.00";
  return (
    (x < 0 ? minus : "+") +
    (size < 1e-4 && size > 0 ? size.toExponential(0).replace("e-", `e${minus}`) : text)
  );
}
