import { makeBatch } from "../../../src/core/credit/engine.ts";
import { member } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/**
 * Lane `kl` of token pressure, a row for each of the log-probabilities.
 * @throws where log-probabilities of the sampled tokens do not give it
 */
export function klOfPressure(
  logprobs: unknown,
  refLogprobs: unknown,
  settings: Readonly<Record<string, unknown>>,
): readonly Float64Array[] {
  const reference = rowsOf(refLogprobs);
  const members = rowsOf(logprobs).map((row, r) =>
    member(
      {
        group: null,
        mask: row.map(() => 1),
        reward: 0,
        columns: { logprobs: row, ref_logprobs: reference[r]! },
      },
      r,
    ),
  );
  const pressure = makeBatch(members).pressure("grpo", {}, settings);
  return members.map((_, r) => {
    const missing = pressure.missing(r);
    if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}`);
    return pressure.lane(r, "kl");
  });
}
