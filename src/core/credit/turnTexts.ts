import type { Turn } from "../rollout/trajectory.ts";

/**
 * What the environment answered to each of the policy's turns: the text of the turns between it and the policy's next one,
 * a line each; null where none stands there.
 * @param policy indices of the policy's turns, ascending
 */
export function observationsOf(
  turns: readonly Turn[],
  policy: readonly number[],
): readonly (string | null)[] {
  return policy.map((own, i) => {
    const answers = turns.slice(own + 1, policy[i + 1] ?? turns.length);
    return answers.length === 0 ? null : answers.map(({ content }) => content).join("\n");
  });
}

/** The part of a batch's row that its paths are read from. */
interface PathRow {
  readonly trajectory: { readonly turns: readonly Turn[] };
  readonly policyTurns: readonly number[];
}

/**
 * A number for each of the policy's turns: equal where the turns that led to it, and it itself, have equal roles and texts.
 * Turns are followed by their `parent`, so that the leaves of a branching trace share the numbers of what they share.
 */
export function turnPaths(rows: readonly PathRow[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(
    rows.flatMap(({ trajectory: { turns }, policyTurns }) => {
      const paths: number[] = [];
      turns.forEach(({ role, content, parent }, i) => {
        const key = `${parent >= 0 && parent < i ? paths[parent]! : -1}\n${role}\n${content}`;
        const number = numbers.get(key) ?? numbers.size;
        numbers.set(key, number);
        paths.push(number);
      });
      return policyTurns.map((turn) => paths[turn]!);
    }),
  );
}
