import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { sqliteFile } from "../container/sqliteFile.ts";
import { codesOf, pointsOf, readCurves } from "./curveContent.ts";

const table =
  "CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_id TEXT, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)";
const configs = "CREATE TABLE configs (run_id TEXT)";
const row = (id: string | null, name: string, step: number | string, metrics: string): string =>
  `INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES (${id === null ? "NULL" : `'${id}'`}, '2026-08-20T12:00:00.250000+00:00', '${name}', ${step}, ${metrics})`;

test("metrics are numbers and the words for what JSON cannot hold, in text or in bytes", async () => {
  const json =
    '{"a": 0.5, "nan": "NaN", "inf": "-Infinity", "bare": NaN, "id": "12", "none": null, "flag": true}';
  const bytes = await sqliteFile(
    table,
    configs,
    row("r", "grpo", 1, `'${json}'`),
    row("r", "grpo", 2, `CAST('{"a": 1, "b": {"c": 2}}' AS BLOB)`),
    row("r", "grpo", 3, `'{"completions": {"_type": "trackio.table", "_value": [{"x": 1}]}, "a": 2}'`),
  );
  const content = await readCurves(bytes, "project.db");
  expect(content.format).toBe("trackio");
  expect(pointsOf(content)).toEqual({
    "grpo: a": [
      [1, 0.5],
      [2, 1],
      [3, 2],
    ],
    "grpo: nan": [[1, NaN]],
    "grpo: inf": [[1, -Infinity]],
    "grpo: bare": [[1, NaN]],
    "grpo: b/c": [[2, 2]],
  });
  expect(content.series[0]!.wallTimes![0]).toBe(Date.UTC(2026, 7, 20, 12, 0, 0, 250) / 1000);
});

test("runs of one name are told apart by their ids; without ids the name is all there is", async () => {
  const bytes = await sqliteFile(
    table,
    configs,
    row("r1", "grpo", 0, `'{"a": 1}'`),
    row("r2", "grpo", 0, `'{"a": 2}'`),
    row(null, "old", 0, `'{"a": 3}'`),
  );
  const { series } = await readCurves(bytes, "project.db");
  expect(series.map(({ run, runId, values }) => [run, runId, values[0]])).toEqual([
    ["grpo", "r1", 1],
    ["grpo", "r2", 2],
    ["old", null, 3],
  ]);
});

test("rows that are no metrics are said; other databases with metrics are not Trackio's", async () => {
  const bytes = await sqliteFile(
    table,
    configs,
    row("r", "grpo", 0, `'{"a": '`),
    row("r", "grpo", 0, "'[1]'"),
    row("r", "grpo", "'x'", `'{"a": 1}'`),
    row("r", "grpo", 1, `'{"a": 1}'`),
  );
  const content = await readCurves(bytes, "project.db");
  expect(pointsOf(content)).toEqual({ "grpo: a": [[1, 1]] });
  expect(codesOf(content)).toEqual(Array(3).fill("bad-field:0:0"));
  expect((await readCurves(await sqliteFile(table), "project.db")).format).toBeNull();
  expect((await readCurves(await sqliteFile(table), "cache/trackio/project.db")).format).toBe("trackio");
  const other = await readCurves(await sqliteFile("CREATE TABLE metrics (a)", configs), "project.db");
  expect([other.format, codesOf(other)]).toEqual(["trackio", ["bad-field:0:0"]]);
});

test("an export is read by rows; what a row did not log is no point, and traces are none", async () => {
  const columns = (...extra: readonly string[]): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: "run_name", data: ["grpo", "grpo"], type: "STRING" },
          { name: "step", data: [1n, 2n], type: "INT64" },
          { name: "timestamp", data: ["2026-08-20T12:00:00+00:00", "?"], type: "STRING" },
          { name: "loss", data: [0.5, null], type: "DOUBLE", nullable: true },
          ...extra.map((name) => ({ name, data: ["x", "y"], type: "STRING" as const })),
        ],
      }),
    );
  const content = await readCurves(columns("note"), "export.parquet");
  expect([content.format, pointsOf(content)]).toEqual(["trackio", { "grpo: loss": [[1, 0.5]] }]);
  expect((await readCurves(columns("messages"), "traces.parquet")).format).toBeNull();
  const damaged = columns().fill(0xff, 4, 40);
  expect((await readCurves(damaged, "export.parquet")).issues.map(({ code }) => code)).toEqual(["damaged"]);
});
