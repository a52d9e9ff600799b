import { expect, test } from "vitest";
import { codesOf, pointsOf, readCurves } from "./curveContent.ts";

const path = "ray_results/PPO/result.json";
const line = (record: Readonly<Record<string, unknown>>): string => `${JSON.stringify(record)}\n`;

test("results are those of a trial; other logs that count iterations stay metrics", async () => {
  const formatOf = async (record: Readonly<Record<string, unknown>>): Promise<string | null> =>
    (await readCurves(line(record), path)).format;
  expect(await formatOf({ training_iteration: 1, time_total_s: 2, loss: 1 })).toBe("rllib");
  expect(await formatOf({ training_iteration: 1, trial_id: "a", loss: 1 })).toBe("rllib");
  expect(await formatOf({ training_iteration: 1, loss: 1 })).toBe("metricsJsonl");
});

test("nested names join; what says where a trial ran is no metric, nor is an id that is a number", async () => {
  const record = {
    training_iteration: 3,
    timestamp: 1_760_000_000,
    time_total_s: 30.5,
    trial_id: "00042",
    experiment_id: "12e4",
    pid: 7,
    done: false,
    config: { lr: 0.1 },
    env_runners: { episode_return_mean: 25, hist: [1, 2], deep: { len: null } },
  };
  const content = await readCurves(line(record) + line({ ...record, training_iteration: 2 }), path);
  expect(pointsOf(content)).toEqual({
    time_total_s: [
      [3, 30.5],
      [2, 30.5],
    ],
    "env_runners/episode_return_mean": [
      [3, 25],
      [2, 25],
    ],
  });
  expect([...content.series[0]!.wallTimes!]).toEqual([1_760_000_000, 1_760_000_000]);
});

test("bare words are points, and damage is said with its line and byte", async () => {
  const first = '{"training_iteration": 1, "time_total_s": 1, "r": NaN}\n';
  const content = await readCurves(
    `${first}{"r": 1}\noops\n{"training_iteration": 2, "r": -Infinity}\n{"tr`,
    path,
  );
  expect(pointsOf(content)["r"]).toEqual([
    [1, NaN],
    [2, -Infinity],
  ]);
  const second = first.length + '{"r": 1}\n'.length;
  expect(codesOf(content)).toEqual([
    `bad-field:2:${first.length}`,
    `bad-json:3:${second}`,
    `torn-line:5:${second + 5 + '{"training_iteration": 2, "r": -Infinity}\n'.length}`,
  ]);
});
