import { maskedMoments, whiten } from "../../../src/core/credit/primitives/whiten.ts";
import type { Adapter } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** The primitive takes the rows one after the other; fewer than two entries have no variance, an error there. */
export const maskedWhiten: Adapter = {
  file: "masked_whiten",
  values: ({ values, mask: masks }) => {
    const rows = rowsOf(values);
    const x = Float64Array.from(rows.flat());
    const mask = Uint8Array.from(rowsOf(masks).flat());
    const [whitened, kept] = [new Float64Array(x.length), new Float64Array(x.length)];
    const { n, mean, variance } = whiten(x, mask, whitened);
    if (n < 2) return { error: "no variance" };
    whiten(x, mask, kept, "mean");
    const inRows = (flat: Float64Array): number[][] => {
      let at = 0;
      return rows.map((row) => [...flat.subarray(at, (at += row.length))]);
    };
    return {
      mean,
      var_unbiased: variance,
      var_biased: maskedMoments(x, mask, "biased").variance,
      whitened: inRows(whitened),
      whitened_no_shift: inRows(kept),
    };
  },
};
