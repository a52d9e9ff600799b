import { leakOf, ProposalHistory } from "../../../src/core/diagnostic/proposer.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";

export const pasodobleDiversity: ValueAdapter = {
  file: "pasodoble_diversity",
  values: (inputs) => ("history" in inputs ? diversity(inputs) : checked(inputs)),
};

function diversity(inputs: Inputs): Record<string, unknown> {
  const history = new ProposalHistory<number>(inputs["maxlen"] as number);
  for (const ids of inputs["history"] as readonly (readonly number[])[]) history.add(new Set(ids));
  const own = new Set(inputs["new"] as readonly number[]);
  return {
    diversity: history.diversity(own, inputs["similarity_threshold"] as number),
    history_count: history.size,
  };
}

/** Pass rates behind the check for leaks. */
function checked(inputs: Inputs): Record<string, unknown> {
  const pairs = (inputs["question_answer_pairs"] ?? inputs["pairs"]) as readonly {
    readonly question: string | null;
    readonly answer: string | null;
  }[];
  const rates = inputs["passing_rate"] as readonly number[];
  const kept = pairs.map((pair, i) => (leakOf(pair) === null ? rates[i] : 0));
  return { passing_rate: kept, new_passing_rate: kept };
}
