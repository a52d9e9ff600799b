import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import {
  macroGae,
  type MacroRow,
  macroSums,
  type MacroWeights,
  ngramBoundaries,
  perplexityBoundaries,
} from "../../../src/core/credit/primitives/macroActions.ts";
import { type Adapter, type Inputs, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/**
 * The official code works on one sequence, the prompt included: the response begins at `start`. A macro action without tokens
 * stands nowhere in a log, so the numbers of macro actions are asked of the primitives, those of tokens of the method.
 */
export const maRlhf: Adapter = {
  file: "ma_rlhf",
  values: (inputs) => {
    if (inputs["log_probs"] !== undefined) return rewardsOf(inputs);
    const row = rowOf(inputs);
    const boundaries = boundariesOf(inputs, row);
    if (inputs["values"] === undefined) return { boundaries };
    const value = rowsOf(inputs["values"])[0]!;
    const reward = rowsOf(inputs["rewards"])[0]!;
    const weights = weightsOf(inputs["value_function"]);
    const values = macroSums(row, boundaries, value, weights);
    const rewards = macroSums(row, boundaries, reward, weights);
    const options = { gamma: numberOf(inputs["gamma"]), lambda: numberOf(inputs["lam"]) };
    const { advantage } = macroGae(rewards, values, options);
    return {
      boundaries,
      macro_values: [[...values]],
      macro_rewards: [[...rewards]],
      macro_advantages: [[...advantage]],
      macro_returns: [[...advantage].map((a, k) => a + values[k]!)],
      token_advantages: [tokenAdvantages(inputs, row, boundaries)],
    };
  },
};

function rowOf(inputs: Inputs): MacroRow {
  const mask = rowsOf(inputs["action_mask"] ?? inputs["mask"])[0]!;
  return { from: numberOf(inputs["start"]), to: mask.length, mask };
}

function weightsOf(name: unknown): MacroWeights {
  if (name !== "equal" && name !== "position") throw new Error(`no weights ${JSON.stringify(name)}`);
  return name;
}

function boundariesOf(inputs: Inputs, row: MacroRow): readonly number[] {
  const { boundaries, ppl, ngram } = inputs;
  if (Array.isArray(boundaries)) return boundaries.map(numberOf);
  if (ppl === undefined) return ngramBoundaries(row, numberOf(ngram));
  const perplexity = rowsOf(ppl).flat().map(numberOf);
  const logprob = new Float64Array(row.to);
  perplexity.forEach((x, i) => (logprob[row.from + i] = -Math.log(x)));
  return perplexityBoundaries(row, logprob);
}

/** The response as a rollout whose steps are the macro actions; where one is empty, as n-grams that make the same. */
function tokenAdvantages(inputs: Inputs, row: MacroRow, boundaries: readonly number[]): number[] {
  const { from, to } = row;
  const slice = (key: string): number[] => rowsOf(inputs[key])[0]!.slice(from, to);
  const starts = boundaries.map((start) => start - from);
  const steps = starts.map((start, k) => [start, starts[k + 1] ?? to - from, 0] as const);
  const one = member(
    {
      group: null,
      mask: slice("action_mask"),
      steps: steps.filter(([start, end]) => end > start),
      columns: { values: slice("values"), rewards: slice("rewards") },
    },
    0,
  );
  const isEmpty = steps.some(([start, end]) => end === start);
  const n = steps[0]![1];
  const run = makeBatch([one]).credit("maRlhf", {
    ...(isEmpty ? { actions: "ngram", n: Math.max(n, 1) } : { actions: "steps" }),
    rewards: "logged",
    sigma: inputs["value_function"],
    gamma: inputs["gamma"],
    lambda: inputs["lam"],
  });
  return [...run.lane(0, "credit")];
}

/** The whole sequence as a rollout, its prompt as if it were trained on: the penalty stands at every token. */
function rewardsOf(inputs: Inputs): Readonly<Record<string, unknown>> {
  const start = numberOf(inputs["prompt_length"]) - 1;
  const policy = rowsOf(inputs["log_probs"]);
  const reference = rowsOf(inputs["ref_log_probs"]);
  const mask = rowsOf(inputs["action_mask"]);
  const score = rowsOf(inputs["reward_score"]);
  const members: readonly BatchMember[] = policy.map((logprobs, r) =>
    member(
      {
        group: null,
        mask: mask[r]!.map((m, t) => (t < start ? 1 : m)),
        reward: score[r]![0]!,
        columns: { logprobs, ref_logprobs: reference[r]!, values: logprobs.map(() => 0) },
      },
      r,
    ),
  );
  const run = makeBatch(members).credit("maRlhf", {
    preset: "released:maRlhf",
    beta: inputs["kl_ctl"],
    clip: inputs["clip_reward_value"] ?? 2.5,
  });
  return {
    rewards: members.map((_, r) => [...run.lane(r, "reward")]),
    rewards_zeroed_after_end: members.map((_, r) => [...run.lane(r, "kept")]),
  };
}
