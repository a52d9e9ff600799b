import { Ajv } from "ajv";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { curveFormats } from "../../src/core/curve/registry.ts";
import { event, eventFile, simple } from "../core/curve/eventFile.ts";
import { buildProgram, type Ran, repository, runProgram } from "./program.ts";

let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-cli-curves-"));
  program = buildProgram(join(folder, "cli.mjs"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]): Ran => runProgram(program, args, { cwd: folder });

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return name;
}

/** Checks lines against the schema of their command. */
function valid(schema: string, lines: readonly unknown[]): void {
  const check = new Ajv({ strict: false }).compile(
    JSON.parse(readFileSync(join(repository, "schemas/cli", schema), "utf8")) as object,
  );
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    check(line);
    expect(check.errors ?? []).toEqual([]);
  }
}

const metrics =
  '{"step":1,"data":{"loss":0.1,"kl":NaN}}\n{"step":1,"data":{"loss":0.2}}\n{"step":0,"data":{"loss":3}}\n';
const rollout =
  '{"schema":"rewardlens/1","id":"a","run":"mine","train_step":1,"turns":[{"role":"assistant","content":"x"}]}\n';

describe("curves", () => {
  test("prints a line a series: all points in file order, what is not finite as null", () => {
    const path = put("one/metrics.jsonl", metrics);
    const { code, lines, said } = run("curves", path, "--json");
    valid("curves.schema.json", lines);
    expect(code).toBe(0);
    expect(lines).toMatchObject([
      { run: path, name: "loss", points: 3, steps: [1, 1, 0], values: [0.1, 0.2, 3], issues: [] },
      {
        run: path,
        name: "kl",
        points: 1,
        steps: [1],
        values: [null],
        issues: [{ code: "non-finite", line: 1 }],
      },
    ]);
    expect(lines[0]).not.toHaveProperty("wall_times");
    expect(said).toContain(`rewardlens: ${path}:1: 1 of 1 values of "kl"`);
  });

  test("reads a folder with its event files, under the run of its rollouts", () => {
    put("two/rollouts.jsonl", rollout);
    put("two/tb/events.out.tfevents.1.h", eventFile(event(-1, [simple("reward", 0.5)], 1_760_000_000.5)));
    put("two/tb/events.out.tfevents.2.h", eventFile(event(7, [simple("reward", 1)])).subarray(0, -1));
    const { code, lines } = run("curves", "two", "--json");
    valid("curves.schema.json", lines);
    expect(code).toBe(2);
    expect(lines).toMatchObject([
      { run: "mine", name: "reward", points: 1, steps: [-1], values: [0.5], wall_times: [1_760_000_000.5] },
    ]);
  });

  test("says what is damaged, and exits 0 when something was read", () => {
    const path = put("three/metrics.jsonl", `${metrics}oops\n{"step":`);
    const { code, lines, said } = run("curves", path, "--json");
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({
      name: "loss",
      issues: [
        { code: "bad-json", line: 4 },
        { code: "torn-line", line: 5 },
      ],
    });
    expect(said).toContain(`rewardlens: ${path}:5: The last line is not complete`);
  });

  test("shows a table to people", () => {
    const { text } = run("curves", put("four/metrics.jsonl", metrics));
    expect(text.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["NAME", "POINTS", "STEPS", "LAST", "MIN", "MAX"],
      ["loss", "3", "1 to 0", "3", "0.10", "3"],
      ["kl", "1", "1 to 1", "—", "—", "—"],
      [""],
    ]);
  });

  test("goes on after what holds no curves or is not there, and says so with 2; an empty file is no failure", () => {
    const rollouts = put("five/rollouts.jsonl", rollout);
    const good = put("five/sub/metrics.jsonl", metrics);
    const { code, lines, said } = run("curves", rollouts, "no/such", good, "--json");
    expect([code, lines.length]).toEqual([2, 2]);
    expect(said).toContain(`rewardlens: ${rollouts}:0: holds no training curves`);
    expect(said).toContain("rewardlens: no/such:0: is not there");
    expect(run("curves", put("five/empty.jsonl", ""), "--json")).toMatchObject({
      code: 0,
      lines: [],
      said: "",
    });
    put("six/notes.txt", "x");
    expect(run("curves", "six").code).toBe(2);
    expect(run("curves").said).toContain("curves needs a file or folder");
  });
});

test("info reports curve files beside rollouts, and damage of their series", () => {
  const path = put("seven/metrics.jsonl", metrics);
  put("seven/rollouts.jsonl", rollout);
  put(
    "seven/events.out.tfevents.1.h",
    eventFile(event(3, [simple("a", 1), simple("b", 2)]), event(9, [simple("a", 1)])),
  );
  const { code, lines } = run("info", "seven", path, "--json");
  valid("info.schema.json", lines);
  expect(code).toBe(0);
  expect(
    lines.map(({ file, format, trajectories, train_steps, series }) => [
      file,
      format,
      trajectories,
      train_steps,
      series,
    ]),
  ).toEqual([
    ["seven/rollouts.jsonl", "rewardlens", 1, [1, 1], undefined],
    ["seven/events.out.tfevents.1.h", "tensorboard", 0, [3, 9], 2],
    [path, "verlFileLogger", 0, [0, 1], 2],
    [path, "verlFileLogger", 0, [0, 1], 2],
  ]);
  expect(lines[2]).toMatchObject({
    groups: 0,
    tokens: 0,
    token_source: "none",
    issues: [{ code: "non-finite" }],
  });
  expect(run("info", path).text).toContain("verlFileLogger · 2 series · train steps 0 to 1 · 1 problems");
});

test("an event file that holds nothing yet is zeros; one that is damage alone is a failure", () => {
  const empty = run("info", put("eight/events.out.tfevents.1.h", new Uint8Array(0)), "--json");
  expect([empty.code, empty.lines[0]]).toMatchObject([
    0,
    { format: "tensorboard", series: 0, train_steps: null },
  ]);
  const damaged = put("nine/events.out.tfevents.1.h", new Uint8Array(64));
  expect([run("info", damaged, "--json").code, run("curves", damaged).code]).toEqual([2, 2]);
});

test("formats lists the curve formats behind those of rollouts", () => {
  const { lines } = run("formats", "--json");
  valid("formats.schema.json", lines);
  expect(lines.filter(({ kind }) => kind === "curves").map(({ id }) => id)).toEqual(
    curveFormats.map(({ id }) => id),
  );
  expect(run("formats").text).toContain("TensorBoard");
});
