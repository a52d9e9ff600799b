import { expect, test } from "vitest";
import { alone } from "../format/memorySource.ts";
import { sqliteFile } from "../container/sqliteFile.ts";
import { codesOf, pointsOf, readCurves } from "./curveContent.ts";
import { beside } from "./folderContext.ts";

const meta = (...lines: readonly string[]): string => `artifact_uri: x\n${lines.join("\n")}\n`;
const runFolder = (
  files: Readonly<Record<string, string>>,
  description = meta("lifecycle_stage: active", "run_id: abc", "run_name: grpo"),
): ReturnType<typeof readCurves> => readCurves(description, beside("mlruns/1/abc/meta.yaml", files));

test("a run's folder is known by its description; an experiment's and a model's are none", async () => {
  const formatOf = async (text: string, path = "mlruns/1/abc/meta.yaml"): Promise<string | null> =>
    (await readCurves(text, path)).format;
  expect(await formatOf(meta("run_id: abc"))).toBe("mlflow");
  expect(await formatOf(meta("run_uuid: abc"))).toBe("mlflow");
  expect(await formatOf(meta("experiment_id: '1'", "name: rl"))).toBeNull();
  expect(await formatOf(meta("model_id: m-1", "source_run_id: abc"))).toBeNull();
  expect(await formatOf(meta("run_id: abc"), "mlruns/1/abc/other.yaml")).toBeNull();
});

test("a metric is a file, in folders where its name has slashes; very old lines have no step", async () => {
  const content = await runFolder({
    "metrics/loss": "1760000000000 0.5\n1760000001000 nan\n",
    "metrics/a/b/c": "1760000000000 -inf 3\r\n1760000000500 1e-05 4 more fields\n\n",
    "params/lr": "1e-6",
  });
  expect(pointsOf(content)).toEqual({
    "grpo: loss": [
      [0, 0.5],
      [0, NaN],
    ],
    "grpo: a/b/c": [
      [3, -Infinity],
      [4, 1e-5],
    ],
  });
  expect(content.series[1]!.wallTimes).toEqual(Float64Array.of(1_760_000_000, 1_760_000_000.5));
  expect(content.issues).toEqual([]);
});

test("the run is called by its tag, else by its description, else by its id", async () => {
  const metrics = { "metrics/loss": "1 1 1\n" };
  const nameOf = async (description: string, tags = {}): Promise<string | null> =>
    (await runFolder({ ...metrics, ...tags }, description)).series[0]!.run;
  const quoted = meta("run_id: abc", String.raw`run_name: "a \"b\": \u00e9"`);
  expect(await nameOf(quoted, { "tags/mlflow.runName": "the tag" })).toBe("the tag");
  expect(await nameOf(quoted)).toBe('a "b": é');
  expect(await nameOf(meta("run_id: abc", "run_name: 'it''s: one'"))).toBe("it's: one");
  expect(await nameOf(meta("run_id: abc", "run_name: ''"))).toBe("abc");
});

test("damage names the metric's file and line; a line without its end waits", async () => {
  const content = await runFolder({
    "metrics/a": "1 0.5 1\noops\n2 0.5 1.5\n3 x 2\n4 0.25 2",
    "metrics/b": "1 1 1\n",
  });
  expect(pointsOf(content)).toEqual({ "grpo: a": [[1, 0.5]], "grpo: b": [[1, 1]] });
  expect(content.issues.map(({ code, line, message }) => `${code} ${line} ${message.slice(0, 17)}`)).toEqual([
    "bad-field 0 metrics/a: line 2",
    "bad-field 0 metrics/a: line 3",
    "bad-field 0 metrics/a: line 4",
    "torn-line 0 metrics/a: line 5",
  ]);
});

test("a deleted run has no curves, and none is damaged", async () => {
  const content = await runFolder({ "metrics/a": "oops\n" }, meta("run_id: abc", "lifecycle_stage: deleted"));
  expect([content.format, content.series, content.issues]).toEqual(["mlflow", [], []]);
});

const schema = [
  "CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, lifecycle_stage TEXT)",
  "CREATE TABLE latest_metrics (key TEXT)",
  "CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT)",
  "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN, PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan))",
] as const;

test("a database's points stand in the order they were logged, whatever its indexes", async () => {
  const bytes = await sqliteFile(
    ...schema,
    "INSERT INTO runs VALUES ('r', 'grpo', 'active')",
    "INSERT INTO metrics VALUES ('z', 1, 9000, 'r', 2, 0), ('a', 2, 1000, 'r', 1, 0), ('z', 3, 1000, 'r', 1, 0)",
  );
  expect(pointsOf(await readCurves(bytes, "mlflow.db"))).toEqual({
    "grpo: z": [
      [2, 1],
      [1, 3],
    ],
    "grpo: a": [[1, 2]],
  });
});

test("stores without steps and flags are read; rows that are no points are said", async () => {
  const bytes = await sqliteFile(
    "CREATE TABLE runs (run_uuid TEXT)",
    "CREATE TABLE latest_metrics (key TEXT)",
    "CREATE TABLE metrics (key TEXT, value, run_uuid TEXT)",
    "INSERT INTO runs VALUES ('r')",
    "INSERT INTO metrics VALUES ('a', 0.5, 'r'), ('a', 'x', 'r'), (NULL, 1, 'r'), ('a', 1, NULL), ('b', 2, 'unknown')",
  );
  const content = await readCurves(bytes, "mlflow.db");
  expect(pointsOf(content)).toEqual({ "r: a": [[0, 0.5]], "unknown: b": [[0, 2]] });
  expect(codesOf(content)).toEqual(["bad-field:0:0", "bad-field:0:0", "bad-field:0:0"]);
});

test("other databases with metrics are not MLflow's; its own that are damaged are known by their name", async () => {
  const other = await sqliteFile("CREATE TABLE metrics (a)", "CREATE TABLE runs (b)");
  expect((await readCurves(other, "mlflow.db")).format).toBeNull();
  const damaged = (await sqliteFile(...schema)).fill(0xff, 100, 4096);
  expect((await readCurves(damaged, "notes.db")).format).toBeNull();
  const content = await readCurves(damaged, alone("a/mlflow.db"));
  expect([content.format, content.series, codesOf(content)]).toEqual(["mlflow", [], ["damaged:0:0"]]);
});
