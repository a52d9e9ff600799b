import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Curves } from "../../src/protocol/store.ts";
import { discoverCurves } from "../../src/store/curves/discoverCurves.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import { StoreService } from "../../src/store/storeService.ts";
import { event, eventFile, simple } from "../core/curve/eventFile.ts";

let folder: string;
let service: StoreService;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-curves-"));
  service = new StoreService();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const metrics = (...steps: readonly number[]): string =>
  steps.map((step) => `${JSON.stringify({ step, data: { loss: step / 10 } })}\n`).join("");
const rollout = (run: string | null, step = 1): string =>
  `${JSON.stringify({ schema: "rewardlens/1", ...(run === null ? {} : { run }), train_step: step, turns: [] })}\n`;
const events = (tag: string, ...steps: readonly number[]): Uint8Array =>
  eventFile(...steps.map((step) => event(step, [simple(tag, step)])));

const curves = (root: string, signal = new AbortController().signal): Promise<Curves> =>
  service.handlers().curves({ signal }, root);
const seriesOf = ({ series }: Curves): unknown =>
  series.map(({ run, name, steps, file }) => [
    run.replace(folder, "ROOT"),
    name,
    [...steps],
    file.slice(folder.length + 1),
  ]);

describe("the run of a curve", () => {
  test("is the root's only run of rollouts, under its own name or the root's", async () => {
    put("metrics/a.jsonl", metrics(1, 2));
    put("rollouts/1.jsonl", rollout(null));
    expect(seriesOf(await curves(folder))).toEqual([["ROOT", "loss", [1, 2], "metrics/a.jsonl"]]);
    put("rollouts/1.jsonl", rollout("mine"));
    await service.handlers().open({ signal: new AbortController().signal }, folder);
    expect(seriesOf(await curves(folder))).toEqual([["mine", "loss", [1, 2], "metrics/a.jsonl"]]);
  });

  test("is the folder it lies in, where there are several runs or none", async () => {
    put("m.jsonl", metrics(0));
    put("a/m.jsonl", metrics(1));
    put("a/deep/m.jsonl", metrics(2));
    const expected = [
      ["a/deep", "loss", [2], "a/deep/m.jsonl"],
      ["a", "loss", [1], "a/m.jsonl"],
      ["ROOT", "loss", [0], "m.jsonl"],
    ];
    expect(seriesOf(await curves(folder))).toEqual(expected);
    put("1.jsonl", rollout("x") + rollout("y"));
    await service.handlers().open({ signal: new AbortController().signal }, folder);
    expect(seriesOf(await curves(folder))).toEqual(expected);
  });

  test("is what its lines say before all else", async () => {
    put("1.jsonl", rollout("mine"));
    put("m.jsonl", '{"step":1,"run":"other","x":1}\n{"step":1,"x":2}\n');
    expect(seriesOf(await curves(folder))).toEqual([
      ["other", "x", [1], "m.jsonl"],
      ["mine", "x", [1], "m.jsonl"],
    ]);
  });

  test("tells TensorBoard's folders apart where they log the same name", async () => {
    put("1.jsonl", rollout("mine"));
    put("logs/train/events.out.tfevents.1.h", events("loss", 1));
    put("logs/validation/events.out.tfevents.1.h", events("loss", 2));
    put("logs/train/events.out.tfevents.2.h", events("lr", 3));
    expect(seriesOf(await curves(folder))).toEqual([
      ["logs/train", "loss", [1], "logs/train/events.out.tfevents.1.h"],
      ["mine", "lr", [3], "logs/train/events.out.tfevents.2.h"],
      ["logs/validation", "loss", [2], "logs/validation/events.out.tfevents.1.h"],
    ]);
  });
});

test("event files of one folder continue each other in the order of their names, other files do not", async () => {
  put("tb/events.out.tfevents.9.h", events("loss", 1, 2));
  put("tb/events.out.tfevents.10.h", events("loss", 2, 3));
  put("tb/a.jsonl", metrics(1));
  put("tb/b.jsonl", metrics(2));
  const answer = await curves(folder);
  expect(seriesOf(answer)).toEqual([
    ["tb", "loss", [1], "tb/a.jsonl"],
    ["tb", "loss", [2], "tb/b.jsonl"],
    ["tb", "loss", [1, 2, 2, 3], "tb/events.out.tfevents.9.h"],
  ]);
  expect([...answer.series[2]!.values]).toEqual([1, 2, 2, 3]);
  expect(answer.series[2]!.wallTimes).toHaveLength(4);
});

test("beside a log, its folder and two levels below are looked into; rollouts are no curves", async () => {
  const log = put("run/rollouts.jsonl", rollout("mine"));
  put("run/2.jsonl", rollout("other"));
  put("run/metrics.jsonl", metrics(1));
  put("run/tb/x/events.out.tfevents.1.h", events("reward", 2));
  put("run/tb/x/y/metrics.jsonl", metrics(3));
  put("metrics.jsonl", metrics(4));
  expect(seriesOf(await curves(log))).toEqual([
    ["mine", "loss", [1], "run/metrics.jsonl"],
    ["mine", "reward", [2], "run/tb/x/events.out.tfevents.1.h"],
  ]);
});

test("a curve file that is opened itself is all there is", async () => {
  const path = put("run/metrics.jsonl", metrics(1));
  put("run/more.jsonl", metrics(2));
  expect(seriesOf(await curves(path))).toEqual([
    ["ROOT/run/metrics.jsonl", "loss", [1], "run/metrics.jsonl"],
  ]);
  const { issues } = await service.handlers().open({ signal: new AbortController().signal }, path);
  expect(issues[0]!.issues[0]!.message).toBe("metrics.jsonl holds training curves and no rollouts.");
});

test("what cannot be read is an issue of its file, and the rest is read", async () => {
  put("a.jsonl", metrics(1));
  put("b.jsonl", `${metrics(1)}oops\n{"step":2,"data":{"loss":NaN}}\n`);
  put("events.out.tfevents.1.h", events("loss", 1).subarray(0, -1));
  chmodSync(put("c.jsonl", metrics(1)), 0o000);
  const { series, issues } = await curves(folder);
  const isRoot = process.getuid?.() === 0;
  expect(series).toHaveLength(isRoot ? 3 : 2);
  expect(
    issues.map(({ file, issues: all }) => [file.slice(folder.length + 1), all.map(({ code }) => code)]),
  ).toEqual([
    ...(isRoot ? [] : [["c.jsonl", ["refused"]]]),
    ["b.jsonl", ["bad-json", "non-finite"]],
    ["events.out.tfevents.1.h", ["torn-line"]],
  ]);
});

test("a file is read again only when it has changed", async () => {
  const a = put("a.jsonl", metrics(1));
  put("b.jsonl", metrics(1));
  const opened = await OpenRoot.open(folder, null);
  const before = await discoverCurves(opened);
  appendFileSync(a, metrics(2));
  const after = await discoverCurves(opened, { before });
  expect(after.files.map((file, i) => file === before.files[i])).toEqual([false, true]);
  expect([...after.files[0]!.content.series[0]!.steps]).toEqual([1, 2]);
});

test("a call that is given up rejects as cancelled", async () => {
  put("a.jsonl", metrics(1));
  await expect(curves(folder, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
});
