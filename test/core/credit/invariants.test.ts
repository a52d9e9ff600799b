import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { type AnyCreditMethod, creditMethods } from "../../../src/core/credit/registry.ts";
import type { Turn } from "../../../src/core/rollout/trajectory.ts";
import { columnsOf } from "../../../src/core/credit/missing.ts";
import { resolveParameters } from "../../../src/core/credit/parameter.ts";
import { infoOf } from "../../../src/core/credit/columns.ts";
import { textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import { batchesFor } from "./signals.ts";
import { member } from "./trajectories.ts";

/** Methods that go by the order of the log, and why. */
const orderMatters: Readonly<Record<string, string>> = {
  highEntropyTokens: "of equal entropies the first in the log counts",
  covarianceTokens: "KL-Cov: of equal covariances the first in the log counts",
};

const methods = creditMethods as unknown as readonly AnyCreditMethod[];
const runs = methods.flatMap((method) =>
  Object.keys(method.presets).map((preset) => [`${method.id} ${preset}`, method, preset] as const),
);

function turnsOf({ trajectory }: BatchMember): readonly (readonly [number, Turn])[] {
  return trajectory.turns.flatMap((turn, i) => (turn.tokens === null ? [] : [[i, turn] as const]));
}

describe("every registered method", () => {
  test.each(runs)("%s: tokens that are not trained on have no credit", (_, method, preset) => {
    fc.assert(
      fc.property(batchesFor(method, preset), (members) => {
        const run = makeBatch(members).credit(method.id, { preset });
        members.forEach((one, r) => {
          const credit = run.credit(r);
          if (credit.status !== "ok") throw new Error(credit.reason);
          for (const [i, turn] of turnsOf(one))
            credit.turns[i]!.tokens!.forEach((x, t) => {
              if (turn.tokens!.mask[t] === 0) expect(x).toBeNaN();
            });
        });
      }),
      { numRuns: 40 },
    );
  });

  const unordered = runs.filter(([, { id }]) => orderMatters[id] === undefined);
  test.each(unordered)("%s: finite numbers stay when rollouts change places", (_, method, preset) => {
    fc.assert(
      fc.property(batchesFor(method, preset), (members) => {
        const run = makeBatch(members).credit(method.id, { preset });
        const backwards = makeBatch(members.toReversed()).credit(method.id, { preset });
        members.forEach((member, r) => {
          const one = run.credit(r);
          const same = backwards.credit(members.length - 1 - r);
          if (one.status !== "ok" || same.status !== "ok") throw new Error("not available");
          for (const [i] of turnsOf(member))
            one.turns[i]!.tokens!.forEach((x, t) => {
              const y = same.turns[i]!.tokens![t]!;
              if (Number.isFinite(x)) expect(Math.abs(x - y)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(x)));
              else expect(y).toEqual(x);
            });
        });
      }),
      { numRuns: 40 },
    );
  });

  test.each(runs)("%s: the formula shown evaluates to the credit", (_, method, preset) => {
    fc.assert(
      fc.property(batchesFor(method, preset), (members) => {
        const run = makeBatch(members).credit(method.id, { preset });
        members.forEach((member, r) => {
          const one = run.credit(r);
          if (one.status !== "ok") throw new Error(one.reason);
          for (const [turn, { tokens }] of turnsOf(member)) {
            for (let token = 0; token < tokens!.n; token++) {
              const step = tokens!.start[token]! < 1 ? 0 : 1;
              const lines = run.explain(r, { turn, token, step });
              for (const { expression, value } of lines) {
                // oxlint-disable-next-line no-implied-eval, no-new-func -- the test evaluates what people read
                const evaluated = new Function(`return ${expression}`)() as number;
                if (Number.isNaN(value)) expect(evaluated).toBeNaN();
                else if (!Number.isFinite(value)) expect(evaluated).toBe(value);
                else expect(Math.abs(evaluated - value)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(value)));
              }
              const credit = one.turns[turn]!.tokens![token]!;
              if (lines.length > 0 && Number.isFinite(credit)) expect(lines.at(-1)!.value).toBe(credit);
            }
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  test.each(runs)(
    "%s: a rollout that holds nothing but text has no credit, and says what it lacks",
    (_, method, preset) => {
      const bare = member(null, [textTurn("user", "Q", -1), textTurn("assistant", "", 0)]);
      const credit = makeBatch([bare]).credit(method.id, { preset }).credit(0);
      if (credit.status === "ok") throw new Error(`${method.id} is available without any signal`);
      const { values } = resolveParameters(method, { preset });
      const needed = new Set([...columnsOf(method, values)].map((column) => infoOf(column).signal as string));
      expect(credit.missing.some((signal) => needed.has(signal))).toBe(true);
      for (const signal of credit.missing) expect(credit.reason).toContain(signal);
    },
  );

  test("has a file of its own that is named for it, and presets that fit its parameters", async () => {
    const { readdir } = await import("node:fs/promises");
    const files = (await readdir(new URL("../../../src/core/credit/methods", import.meta.url))).map((file) =>
      file.replace(/\.ts$/, ""),
    );
    expect(files.toSorted()).toEqual(methods.map(({ id }) => id).toSorted());
    for (const { params, presets } of methods) {
      for (const values of Object.values(presets))
        for (const name of Object.keys(values)) expect(Object.keys(params)).toContain(name);
    }
  });
});
