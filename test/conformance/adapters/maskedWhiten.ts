import { maskedMoments, whiten } from "../../../src/core/credit/primitives/whiten.ts";
import type { Adapter } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** What the official code raises for fewer than two entries: they have no unbiased variance. */
const error = "ValueError";

/** The primitive takes the rows one after the other. */
export const maskedWhiten: Adapter = {
  file: "masked_whiten",
  values: ({ values, mask: masks }) => {
    const rows = rowsOf(values);
    const x = Float64Array.from(rows.flat());
    const mask = Uint8Array.from(rowsOf(masks).flat());
    const [whitened, kept] = [new Float64Array(x.length), new Float64Array(x.length)];
    const { n, mean, variance } = whiten(x, mask, whitened);
    const biased = maskedMoments(x, mask, "biased").variance;
    if (n < 2)
      return {
        error,
        mean,
        var_biased: biased,
        var_unbiased: error,
        whitened: error,
        whitened_no_shift: error,
      };
    whiten(x, mask, kept, "mean");
    const inRows = (flat: Float64Array): number[][] => {
      let at = 0;
      return rows.map((row) => [...flat.subarray(at, (at += row.length))]);
    };
    return {
      mean,
      var_unbiased: variance,
      var_biased: biased,
      whitened: inRows(whitened),
      whitened_no_shift: inRows(kept),
    };
  },
};
