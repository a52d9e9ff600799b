import { expect, test } from "vitest";
import { judgeAgreement } from "../../../src/core/diagnostic/metrics/judgeAgreement.ts";
import { lackingOf } from "../../../src/core/diagnostic/lacking.ts";
import { policyCliff } from "../../../src/core/diagnostic/metrics/policyCliff.ts";
import { prmInflation } from "../../../src/core/diagnostic/metrics/prmInflation.ts";
import { revisits } from "../../../src/core/diagnostic/metrics/revisits.ts";
import { turnOf } from "../credit/trajectories.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

const act = (more: Readonly<Record<string, unknown>> = {}) => [turn("assistant", "x", { state: "s", more })];

test("names what some rollout lacks, not what all have", () => {
  const judged = [rollout("a", act({ subgoal: 1 })), rollout("b", act({ subgoal: 0 }))];
  expect(measure(judgeAgreement, batches(judged)).each[0]!.missing).toEqual(["turn.subgoal_human"]);
  const alone = batches([rollout("a", act(), { group: null })], [rollout("b", act(), { group: null })]);
  expect(measure(revisits, alone).end[0]!.missing).toEqual(["trajectory.group"]);
});

test("a group of one is no group to compare in", () => {
  const one = rollout("a", act(), { group: "g", rewards: new Map([["format", 1]]) });
  expect(measure(policyCliff, batches([one])).each[0]!.missing).toEqual(["trajectory.group"]);
});

test("knows signals of every level, and names all where each is there but never together", () => {
  const tokens = turn("assistant", "x", { columns: { entropy: [1] }, tokenFields: { hidden_states: [[1]] } });
  const whole = { reward: 1, success: true, rewards: new Map([["rm", 0.5]]), more: { pred: "4" } };
  const full = rollout("a", [{ ...tokens, agent: "left", state: "s", reward: 1 }], whole);
  const steps = rollout("b", [turnOf("assistant", 2, { steps: [[0, 2, 0.5]] })]);
  const ofFull = [
    ...["reward", "success", "rewards", "rewards.rm", "pred"].map((name) => `trajectory.${name}`),
    "turn.agent",
    "turn.state",
    "turn.reward",
    "token.entropy",
    "token.hidden_states",
  ];
  expect(lackingOf([full], [...ofFull, "step.reward"])).toEqual(["step.reward"]);
  expect(lackingOf([steps], [...ofFull, "step.reward"])).toEqual(ofFull);
  expect(lackingOf([full], ofFull)).toEqual(ofFull);
});

test("a correlation that is not defined lacks no signal", () => {
  const scored = [0.2, 0.8].map((p, i) =>
    rollout(`r${i}`, [turnOf("assistant", 2, { steps: [[0, 2, p]] })], { success: i === 1 }),
  );
  const [found] = measure(prmInflation, batches(scored)).each;
  expect([found!.value, found!.missing]).toEqual([NaN, undefined]);
});
