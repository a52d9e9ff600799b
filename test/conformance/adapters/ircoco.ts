import { makeBatch } from "../../../src/core/credit/engine.ts";
import { type Adapter, member } from "../adapter.ts";

/** The evaluator's scores of the prompt and of each longer prefix are those before each token and before the end token. */
export const ircoco: Adapter = {
  file: "ircoco",
  // The official code writes rewards as text of four decimals: two roundings may fall on either side.
  tolerance: 1.1e-4,
  values({ evaluator_scores_per_prefix: scores }) {
    const values = scores as readonly number[];
    const completion = member({ group: null, mask: values.map(() => 1), columns: { values } }, 0);
    const run = makeBatch([completion]).credit("ircoco", { preset: "released:ircoco" });
    return { token_rewards: run.lane(0, "credit") };
  },
};
