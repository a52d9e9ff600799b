import * as fc from "fast-check";
import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { infoOf, isFixed, isList, type NamedColumn, nameOf } from "../../../src/core/credit/columns.ts";
import { resolveParameters } from "../../../src/core/credit/parameter.ts";
import type { AnyCreditMethod } from "../../../src/core/credit/registry.ts";
import type { Turn } from "../../../src/core/rollout/trajectory.ts";
import { member, turnOf } from "./trajectories.ts";

/** Numbers that a signal may have, where it is not any number between −1 and 1. */
const ranges: Readonly<Record<string, fc.Arbitrary<number>>> = {
  "trajectory.seed": fc.constantFrom(0, 1),
  "turn.branch": fc.constantFrom(0, 1),
  "turn.sigma": fc.double({ min: 0.01, max: 1, noNaN: true }),
  "turn.dt": fc.double({ min: 0.01, max: 0.2, noNaN: true }),
  "turn.gt_log_probs[]": fc.double({ min: -5, max: 0, noNaN: true }),
  "trajectory.gt_log_probs[]": fc.double({ min: -5, max: 0, noNaN: true }),
  "turn.attribution": fc.constantFrom(-1, 0, 1, 2, 3),
  "turn.draws": fc.nat(3),
  "turn.importance": fc.double({ min: 0.1, max: 1, noNaN: true }),
  "turn.subtree_size": fc.integer({ min: 1, max: 40 }),
  "turn.bound_improvement": fc.double({ min: 0.1, max: 1, noNaN: true }),
  "turn.subgoal": fc.constantFrom(0, 1),
  "turn.message_count": fc.integer({ min: 1, max: 5 }),
  "step.reward": fc.double({ min: 0, max: 1, noNaN: true }),
  "token.old_logprobs": fc.double({ min: -5, max: -1, noNaN: true }),
  "token.logprobs": fc.double({ min: -5, max: -1, noNaN: true }),
  "token.sum_pi_squared": fc.double({ min: 0, max: 1, noNaN: true }),
  "trajectory.replayed": fc.constantFrom(0, 1),
  "step.label": fc.constantFrom(0, 1),
  "token.entropy": fc.double({ min: 0, max: 3, noNaN: true }),
  "token.waad": fc.double({ min: 0, max: 10, noNaN: true }),
  "token.fai": fc.double({ min: 0, max: 1, noNaN: true }),
  "turn.entropy_history": fc.double({ min: 0, max: 3, noNaN: true }),
  "trajectory.mask_answer": fc.nat(6),
  "trajectory.mask_iou": fc.nat(8),
  "trajectory.epoch": fc.nat(150),
  "trajectory.reference": fc.nat(1),
  "turn.action": fc.nat(2),
  "turn.turn_id": fc.nat(2),
  "turn.side": fc.constantFrom(1, 0, -1),
  "turn.judgement": fc.constantFrom(1, 2, 3, 0),
  "turn.slot": fc.nat(2),
  "turn.parents[]": fc.nat(2),
  "turn.judge_score": fc.double({ min: 0, max: 1, noNaN: true }),
};

const anyNumber = fc.double({ min: -1, max: 1, noNaN: true });

/** A number, or three of them for a list. */
function valuesOf(signal: NamedColumn): fc.Arbitrary<number | readonly number[]> {
  const one = ranges[signal] ?? anyNumber;
  return isList(signal) ? fc.array(one, { minLength: 3, maxLength: 3 }) : one;
}

/** Signals a method reads with a preset beside those that every batch below has. */
function signalsOf(method: AnyCreditMethod, preset: string): readonly NamedColumn[] {
  const { values } = resolveParameters(method, { preset });
  const columns = new Set([
    ...method.needs,
    ...(method.alsoNeeds?.(values as never) ?? []),
    ...(method.uses ?? []),
  ]);
  return [...columns].filter((column) => !isFixed(column));
}

/**
 * Batches that a method can be computed on with a preset: rollouts of one or two turns of the policy with a tool's between
 * them, holes in the mask, two steps a turn, every signal the method asks for at every place of its level.
 */
export function batchesFor(method: AnyCreditMethod, preset: string): fc.Arbitrary<readonly BatchMember[]> {
  const named = signalsOf(method, preset);
  const numbers = fc.record(
    Object.fromEntries(named.map((signal) => [signal, valuesOf(signal)])),
  ) as fc.Arbitrary<Record<string, number>>;
  const token = fc.record({
    id: fc.nat(3),
    mask: fc.constantFrom(1, 1, 1, 0),
    value: fc.float({ min: -1, max: 1, noNaN: true }),
    p: fc.float({ min: 0, max: 1, noNaN: true }),
    numbers,
  });
  const turn = fc.record({
    tokens: fc.array(token, { minLength: 2, maxLength: 6 }),
    state: fc.constantFrom("s0", "s1"),
    agent: fc.constantFrom("left", "right"),
    reward: fc.constantFrom(0, 0.5, 1),
    numbers,
  });
  const rollout = fc.record({
    group: fc.constantFrom("a", "b", "c"),
    reward: fc.constantFrom(0, 1, 0.5, -1),
    success: fc.boolean(),
    turns: fc.array(turn, { minLength: 1, maxLength: 2 }),
    components: fc.record({ format: fc.constantFrom(0, 1), answer: anyNumber }),
    numbers,
  });
  const ofLevel = (level: string): readonly string[] =>
    named.filter((signal) => infoOf(signal).level === level).map(nameOf);
  const pick = (level: string, from: Record<string, number>): Map<string, number> =>
    new Map(
      named.flatMap((signal) =>
        infoOf(signal).level === level ? [[nameOf(signal), from[signal]!] as const] : [],
      ),
    );
  return fc.array(rollout, { minLength: 1, maxLength: 6 }).map((rollouts) =>
    rollouts.map(({ group, reward, success, turns, components, numbers: own }) => {
      const policy = turns.map(({ tokens, state, agent, reward: ofTurn, numbers: numbersOfTurn }): Turn => {
        const columns: Record<string, number[]> = {
          values: tokens.map(({ value }) => value),
          advantages: tokens.map(({ value }) => value),
          kl: tokens.map(() => 0.1),
        };
        for (const name of ofLevel("token"))
          columns[name] = tokens.map((one) => one.numbers[`token.${name}`]!);
        const made = turnOf("assistant", tokens.length, {
          ids: tokens.map(({ id }) => id),
          mask: tokens.map(({ mask }, t) => (t === 0 ? 1 : mask)),
          columns,
          steps: [
            [0, 1, tokens[0]!.p],
            [1, tokens.length, tokens[1]!.p],
          ],
        });
        const stepColumns = new Map(made.steps.columns);
        for (const name of ofLevel("step"))
          if (name !== "reward")
            stepColumns.set(
              name,
              Float64Array.from([0, 1], (k) => tokens[k]!.numbers[`step.${name}`]!),
            );
        const steps = { ...made.steps, columns: stepColumns };
        return { ...made, steps, state, agent, reward: ofTurn, extra: pick("turn", numbersOfTurn) };
      });
      const all = policy.flatMap((one, i) => (i === 0 ? [one] : [turnOf("tool", 2), one]));
      return member(group, all, {
        reward,
        success,
        rewards: new Map([
          ...Object.entries(components),
          ...[...pick("trajectory", own)].flatMap(([name, x]) =>
            name.startsWith("rewards.") ? [[name.slice(8), x] as const] : [],
          ),
        ]),
        extra: pick("trajectory", own),
      });
    }),
  );
}
