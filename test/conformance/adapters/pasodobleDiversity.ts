import { leakOf, type Proposal, ProposalHistory } from "../../../src/core/diagnostic/proposer.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";

export const pasodobleDiversity: ValueAdapter = {
  file: "pasodoble_diversity",
  values: (inputs) => ("history" in inputs ? diversity(inputs) : checked(inputs)),
};

function diversity(inputs: Inputs): Record<string, unknown> {
  const history = new ProposalHistory<number>((inputs["maxlen"] ?? 100) as number);
  for (const ids of inputs["history"] as readonly (readonly number[])[]) history.add(new Set(ids));
  const own = new Set(inputs["new"] as readonly number[]);
  return {
    diversity: history.diversity(own, (inputs["similarity_threshold"] ?? 0.8) as number),
    history_count: history.size,
  };
}

/** Pass rates behind the check for leaks. */
function checked(inputs: Inputs): Record<string, unknown> {
  const rates = (inputs["passing_rate"] ?? inputs["passing_rates"]) as readonly number[];
  const kept = proposalsOf(inputs).map((pair, i) => (leakOf(pair) === null ? rates[i] : 0));
  return { passing_rate: kept, new_passing_rate: kept, passing_rates: kept };
}

/** Pairs as objects, as `[question, answer]`, or as two lists. */
function proposalsOf(inputs: Inputs): readonly Proposal[] {
  const texts = (value: unknown): readonly (string | null)[] => value as readonly (string | null)[];
  const pairs = inputs["question_answer_pairs"] ?? inputs["pairs"];
  if (!Array.isArray(pairs)) {
    const answers = texts(inputs["answers"]);
    return texts(inputs["questions"]).map((question, i) => ({ question, answer: answers[i]! }));
  }
  return pairs.map((pair: unknown) => {
    if (!Array.isArray(pair)) return pair as Proposal;
    return { question: texts(pair)[0]!, answer: texts(pair)[1]! };
  });
}
