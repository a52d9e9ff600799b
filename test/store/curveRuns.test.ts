import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { infoOfCurves } from "../../src/cli/fileInfo.ts";
import { discoverCurves } from "../../src/store/curves/discoverCurves.ts";
import { type RunSeries, runSeries } from "../../src/store/curves/runSeries.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import { buildProgram, jsonLines } from "../cli/program.ts";
import { sqliteFile } from "../core/container/sqliteFile.ts";
import { history, run, wandbFile } from "../core/curve/wandbFile.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "rewardlens-runs-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fixtures = fileURLToPath(new URL("../fixtures/curves/", import.meta.url));

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const state = (step: number, ...steps: readonly number[]): string =>
  JSON.stringify({ global_step: step, log_history: steps.map((at) => ({ loss: at / 100, step: at })) });
const rollout = '{"schema":"rewardlens/1","id":"a","run":"mine","train_step":1,"turns":[]}\n';

async function seriesOf(root: string): Promise<readonly RunSeries[]> {
  const opened = await OpenRoot.open(root, null);
  return runSeries(opened, (await discoverCurves(opened)).files);
}

const told = (series: readonly RunSeries[]): unknown =>
  series.map(({ run: name, name: metric, steps }) => [name.replace(folder, "ROOT"), metric, [...steps]]);

test("of a run's checkpoints the one that goes farthest counts, and the run is the folder above", async () => {
  put("a/checkpoint-5/trainer_state.json", state(5, 5));
  put("a/checkpoint-10/trainer_state.json", state(10, 5, 10));
  put("a/checkpoint-20/trainer_state.json", state(20, 5, 10, 20));
  put("b/checkpoint-10/trainer_state.json", state(10, 6, 10));
  put("b/trainer_state.json", state(12, 6, 10, 12));
  expect(told(await seriesOf(folder))).toEqual([
    ["a", "loss", [5, 10, 20]],
    ["b", "loss", [6, 10, 12]],
  ]);
});

test("a newest checkpoint that is still written does not take the place of what is whole", async () => {
  put("checkpoint-10/trainer_state.json", state(10, 5, 10));
  put("checkpoint-20/trainer_state.json", state(20, 5, 10, 20).slice(0, -34));
  expect(told(await seriesOf(folder))).toEqual([["ROOT", "loss", [5, 10]]]);
});

test("trainer states of one run of rollouts are its curves; those of several folders are told apart", async () => {
  put("rollouts.jsonl", rollout);
  put("a/checkpoint-5/trainer_state.json", state(5, 5));
  expect(told(await seriesOf(folder))).toEqual([["mine", "loss", [5]]]);
  put("b/checkpoint-5/trainer_state.json", state(6, 6));
  expect(told(await seriesOf(folder))).toEqual([
    ["a", "loss", [5]],
    ["b", "loss", [6]],
  ]);
});

test("a checkpoint that is opened itself is a run of its own", async () => {
  put("a/checkpoint-5/trainer_state.json", state(5, 5));
  const root = join(folder, "a/checkpoint-5");
  expect(told(await seriesOf(root))).toEqual([["ROOT/a/checkpoint-5", "loss", [5]]]);
});

test("a W&B run that was resumed goes on in its next file; others of its name are told apart by their ids", async () => {
  const log = (id: string, ...steps: readonly number[]): Uint8Array =>
    wandbFile(run(id, "grpo"), ...steps.map((step) => history(step, [["loss", String(step)]])));
  put("wandb/offline-run-20260821_120000-x1/run-x1.wandb", log("x1", 1, 2));
  put("wandb/offline-run-20260821_130000-x2/run-x2.wandb", log("x2", 1));
  put("wandb/run-20260821_140000-x1/run-x1.wandb", log("x1", 3));
  expect(told(await seriesOf(folder))).toEqual([
    ["grpo (x1)", "loss", [1, 2, 3]],
    ["grpo (x2)", "loss", [1]],
  ]);
  rmSync(join(folder, "wandb/offline-run-20260821_130000-x2"), { recursive: true });
  expect(told(await seriesOf(folder))).toEqual([["grpo", "loss", [1, 2, 3]]]);
});

test("a database's runs have their names, and the log beside it is followed", async () => {
  cpSync(`${fixtures}trackio/wal`, join(folder, "trackio"), { recursive: true });
  rmSync(join(folder, "trackio/rl-demo.db-wal"));
  const opened = await OpenRoot.open(folder, null);
  const before = await discoverCurves(opened);
  const counts = (files: typeof before): unknown =>
    runSeries(opened, files.files).map(({ run: name, steps }) => [name, steps.length]);
  expect(counts(before)).toEqual([
    ["grpo-demo", 4],
    ["grpo-demo", 4],
  ]);
  cpSync(`${fixtures}trackio/wal/rl-demo.db-wal`, join(folder, "trackio/rl-demo.db-wal"));
  expect(counts(await discoverCurves(opened, { before }))).toEqual([
    ["grpo-demo", 10],
    ["grpo-demo", 10],
  ]);
});

test("a folder of MLflow is read whole, followed file by file, and named in info", async () => {
  cpSync(`${fixtures}mlflow/mlruns`, join(folder, "mlruns"), { recursive: true });
  const experiment = join(folder, "mlruns/123456789012345678");
  const opened = await OpenRoot.open(folder, null);
  const before = await discoverCurves(opened);
  const read = before.files.filter(({ format }) => format?.id === "mlflow");
  expect(
    read.map(infoOfCurves).map(({ file, series }) => [file.slice(experiment.length + 1).at(-1), series]),
  ).toEqual([
    ["1", 3],
    ["2", 1],
    ["3", 0],
  ]);
  appendFileSync(join(experiment, `${"0".repeat(31)}2/metrics/loss`), "1760000060000 0.125 2\n");
  put(`mlruns/123456789012345678/${"0".repeat(31)}2/metrics/a/new`, "1760000060000 1 2\n");
  const after = await discoverCurves(opened, { before });
  expect(told(runSeries(opened, after.files).filter((one) => one.run === "old"))).toEqual([
    ["old", "a/new", [2]],
    ["old", "loss", [0, 0, 2]],
  ]);
});

test.skipIf(process.platform === "win32")(
  "a run of more metrics than a process may hold open is read",
  () => {
    put("run/meta.yaml", "run_id: abc\n");
    for (let i = 0; i < 400; i++) put(`run/metrics/m${i}`, "1760000000000 1 1\n");
    const program = buildProgram(join(folder, "cli.mjs"));
    const command = `ulimit -n 200 && exec "${process.execPath}" "${program}" curves run --json`;
    const { stdout } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
    expect(jsonLines(stdout)).toHaveLength(400);
  },
);

test("databases of other programs hold no curves and are no damage", async () => {
  put("notes.db", await sqliteFile("CREATE TABLE notes (a)"));
  put("broken.db", "SQLite format 3\0 and then nothing");
  put("plain.db", "x");
  const opened = await OpenRoot.open(folder, null);
  const { files, refused } = await discoverCurves(opened);
  expect([files.map(({ format }) => format), refused]).toEqual([[null, null, null], []]);
});
