import { Ajv } from "ajv";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram, type Ran, repository, runProgram } from "./program.ts";

let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-diagnose-"));
  program = buildProgram(join(folder, "cli.mjs"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]): Ran => runProgram(program, args, { cwd: folder });

interface Line {
  readonly step: number;
  readonly group: string;
  readonly reward: number | null;
  readonly split?: string;
}

function log(name: string, lines: readonly Line[]): string {
  const text = lines.map(({ step, group, reward, split }, i) =>
    JSON.stringify({
      schema: "rewardlens/1",
      id: `${name}-${i}`,
      train_step: step,
      group,
      reward,
      ...(split === undefined ? {} : { split }),
      turns: [{ role: "assistant", content: "x" }],
    }),
  );
  writeFileSync(join(folder, name), `${text.join("\n")}\n`);
  return name;
}

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

const rows = (step: number, rewards: readonly (number | null)[], split?: string): Line[] =>
  rewards.map((reward, i) => ({
    step,
    group: `g${i >> 1}`,
    reward,
    ...(split === undefined ? {} : { split }),
  }));

describe("diagnose", () => {
  test("measures each train step, in the order of training, whatever the order of the log", () => {
    const path = log("steps.jsonl", [...rows(3, [1, 1, 0, 1]), ...rows(2, [0, 0, 1, 1])]);
    const { code, lines, said } = run("diagnose", path, "--metric", "groupCollapse", "--json");
    expect([code, said]).toEqual([0, ""]);
    valid("diagnose.schema.json", lines);
    expect(lines.map(({ metric, scope, value, alarm }) => [metric, scope, value, alarm])).toEqual([
      ["groupCollapse", { run: path, train_step: 2 }, 1, true],
      ["groupCollapse", { run: path, train_step: 3 }, 0.5, true],
    ]);
  });

  test("measures validation by itself, and says so", () => {
    const path = log("splits.jsonl", [...rows(1, [0, 0], "validation"), ...rows(1, [1, 0])]);
    const { lines } = run("diagnose", path, "--metric", "groupCollapse", "--json");
    expect(lines.map(({ scope, value }) => [scope, value])).toEqual([
      [{ run: path, train_step: 1 }, 0],
      [{ run: path, train_step: 1, split: "validation" }, 1],
    ]);
  });

  test("a measurement without its signals is null and names them", () => {
    const path = log("bare.jsonl", rows(1, [null, null]));
    const [line] = run("diagnose", path, "--metric", "groupCollapse", "--json").lines;
    expect([line!["value"], line!["missing"]]).toEqual([null, ["trajectory.reward"]]);
  });

  test("takes parameters as credit does", () => {
    const path = log("set.jsonl", rows(1, [1, 1, 0, 1]));
    const alarms = ["alarm=0.6", "groupCollapse.alarm=0.2"].map(
      (set) => run("diagnose", path, "--metric", "groupCollapse", "--set", set, "--json").lines[0]!["alarm"],
    );
    expect(alarms).toEqual([false, true]);
  });

  test("says in words what it measured", () => {
    const path = log("words.jsonl", rows(4, [1, 1, 0, 1]));
    const { text } = run("diagnose", path, "--metric", "groupCollapse");
    expect(text).toMatch(/^groupCollapse {2}words\.jsonl · step 4 {2}0\.5 {2}\[groups=2, .*look at this\n$/);
  });

  test("says none in words where a number of the evidence is not there", () => {
    const path = log("none.jsonl", [{ step: 1, group: "g", reward: null }]);
    expect(run("diagnose", path, "--metric", "lengthExploitation").text).toContain("length_bias=none");
  });

  test("refuses wrong use with the exit code 2 and a message that says what there is", () => {
    const path = log("wrong.jsonl", rows(1, [1, 1]));
    const metric = ["--metric", "groupCollapse"];
    for (const [args, message] of [
      [["diagnose", path], "diagnose needs --metric; there are"],
      [["diagnose", ...metric], "needs a file or folder"],
      [["diagnose", path, "--metric", "collapse"], 'there is no metric "collapse"'],
      [["diagnose", path, ...metric, "--set", "gamma=1"], 'no chosen metric has a parameter "gamma"'],
      [["diagnose", path, ...metric, "--set", "grpo.alarm=1"], 'metric "grpo" is not chosen'],
      [["diagnose", path, ...metric, "--set", "alarm=2"], "takes a number from 0"],
      [["diagnose", path, ...metric, "--set", "preset=none"], "has no preset"],
      [["diagnose", path, ...metric, "--method", "grpo"], "method"],
    ] as const) {
      const { code, said, lines } = run(...args, "--json");
      expect([code, lines]).toEqual([2, []]);
      expect(said).toContain(message);
    }
  });

  test("goes on after a path that cannot be read, and says so with 2", () => {
    const path = log("after.jsonl", rows(1, [1, 1]));
    const { code, lines, said } = run("diagnose", "no.jsonl", path, "--metric", "groupCollapse", "--json");
    expect([code, lines.length]).toEqual([2, 1]);
    expect(said).toContain("rewardlens: no.jsonl:0: is not there");
  });
});

describe("metrics", () => {
  test("describes every diagnostic, as lines of its schema and as a table", () => {
    const { lines } = run("metrics", "--json");
    valid("metrics.schema.json", lines);
    const { text } = run("metrics");
    for (const { id } of lines) expect(text).toContain(String(id));
  });
});
