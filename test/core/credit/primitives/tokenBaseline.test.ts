import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { member, turnOf } from "../trajectories.ts";

const rollout = fc.array(
  fc.record({
    reward: fc.double({ min: -1, max: 1, noNaN: true }),
    logprob: fc.double({ min: -5, max: -0.1, noNaN: true }),
    spread: fc.double({ min: 0, max: 0.5, noNaN: true }),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Σπ² is at least the sampled token's π², so that energies grow. */
function members(rollouts: readonly { reward: number; logprob: number; spread: number }[][]): BatchMember[] {
  return rollouts.map((tokens) =>
    member("g", [
      turnOf("assistant", tokens.length, {
        columns: {
          rewards: tokens.map(({ reward }) => reward),
          old_logprobs: tokens.map(({ logprob }) => logprob),
          sum_pi_squared: tokens.map(({ logprob, spread }) => Math.exp(2 * logprob) + spread),
        },
      }),
    ]),
  );
}

test("advantages weighted by energy sum to 0 at every depth that two rollouts reach", () => {
  fc.assert(
    fc.property(fc.array(rollout, { minLength: 2, maxLength: 5 }), (rollouts) => {
      const run = makeBatch(members(rollouts)).credit("optimalTokenBaseline", {
        epsilon: 0,
        zeroTail: false,
      });
      const depths = Math.max(...rollouts.map(({ length }) => length));
      for (let depth = 0; depth < depths; depth++) {
        const there = rollouts.map((tokens, r) => [r, tokens] as const).filter(([, t]) => depth < t.length);
        const sum = there.reduce(
          (total, [r]) => total + run.lane(r, "credit")[depth]! * run.lane(r, "energy")[depth]!,
          0,
        );
        expect(Math.abs(sum)).toBeLessThan(1e-9);
      }
    }),
  );
});

test("a baseline lies between the least and the greatest return of its depth", () => {
  fc.assert(
    fc.property(fc.array(rollout, { minLength: 2, maxLength: 5 }), (rollouts) => {
      const run = makeBatch(members(rollouts)).credit("optimalTokenBaseline", {
        epsilon: 0,
        zeroTail: false,
      });
      rollouts.forEach((tokens, r) =>
        tokens.forEach((_, depth) => {
          const there = rollouts.flatMap((other, i) =>
            depth < other.length ? [run.lane(i, "returns")[depth]!] : [],
          );
          const baseline = run.lane(r, "baseline")[depth]!;
          expect(baseline).toBeGreaterThanOrEqual(Math.min(...there) - 1e-9);
          expect(baseline).toBeLessThanOrEqual(Math.max(...there) + 1e-9);
        }),
      );
    }),
  );
});
