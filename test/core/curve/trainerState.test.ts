import { expect, test } from "vitest";
import { codesOf, pointsOf, readCurves } from "./curveContent.ts";

const path = "out/checkpoint-20/trainer_state.json";
const stateOf = (log: readonly unknown[], step = 20): string =>
  JSON.stringify({ epoch: 1, global_step: step, log_history: log, max_steps: 100 }, null, 2);

test("a metric that is NaN is a point, one that is null is none; a step may stand on several rows", async () => {
  const text = stateOf([
    { step: 10, epoch: 0.5, loss: 0.25, kl: null, note: "12" },
    { step: 10, eval_loss: 0.5 },
    { step: 20, epoch: 1, loss: "BARE", grad_norm: "INF" },
  ]).replace('"BARE"', "NaN");
  const content = await readCurves(text.replace('"INF"', "-Infinity"), path);
  expect(content.format).toBe("trainerState");
  expect(pointsOf(content)).toEqual({
    epoch: [
      [10, 0.5],
      [20, 1],
    ],
    loss: [
      [10, 0.25],
      [20, NaN],
    ],
    eval_loss: [[10, 0.5]],
    grad_norm: [[20, -Infinity]],
  });
  expect(content.issues).toEqual([]);
});

test("rows without a step are said, and the rest is read", async () => {
  const content = await readCurves(
    stateOf([{ loss: 1 }, 7, { step: 1.5, loss: 1 }, { step: 2, loss: 1 }]),
    path,
  );
  expect(pointsOf(content)).toEqual({ loss: [[2, 1]] });
  expect(codesOf(content)).toEqual(Array(3).fill("bad-field:1:0"));
});

test("the run's folder is the one above a checkpoint's, and how far the state goes is said", async () => {
  const state = stateOf([{ step: 10, loss: 1 }]);
  expect((await readCurves(state, path)).snapshot).toEqual({ folder: "..", step: 20 });
  expect((await readCurves(state, "checkpoint-20/trainer_state.json")).snapshot).toMatchObject({
    folder: "..",
  });
  expect((await readCurves(state, "out/trainer_state.json")).snapshot).toEqual({ folder: ".", step: 20 });
  expect((await readCurves(state, "my-checkpoint-20/trainer_state.json")).snapshot!.folder).toBe(".");
});

test("a state that is cut anywhere gives the rows before, and goes no farther than they do", async () => {
  const whole = stateOf([
    { loss: 0.5, step: 10 },
    { loss: 0.25, step: 20 },
  ]);
  let most = 0;
  for (let to = whole.indexOf("log_history") + 20; to < whole.length; to++) {
    const content = await readCurves(whole.slice(0, to), path);
    expect(content.format).toBe("trainerState");
    const { loss = [] } = pointsOf(content);
    expect(loss).toEqual(
      [
        [10, 0.5],
        [20, 0.25],
      ].slice(0, loss.length),
    );
    expect(content.snapshot!.step).toBe([0, 10, 20][loss.length]);
    expect(codesOf(content)).toEqual(["torn-line:1:0"]);
    expect(loss.length).toBeGreaterThanOrEqual(most);
    most = loss.length;
  }
  expect(most).toBe(2);
});
