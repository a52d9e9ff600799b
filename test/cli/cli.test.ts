import { Ajv } from "ajv";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram, type Ran, repository, runProgram } from "./program.ts";

let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-cli-"));
  program = buildProgram(join(folder, "cli.mjs"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]): Ran => runProgram(program, args, { cwd: repository });

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Checks lines against the schema of their command. */
function valid(schema: string, lines: readonly unknown[]): void {
  const ajv = new Ajv({ strict: false });
  const check = ajv.compile(JSON.parse(readFileSync(join(repository, "schemas", schema), "utf8")) as object);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    check(line);
    expect(check.errors ?? []).toEqual([]);
  }
}

const example = "samples/first-run/worked-example.jsonl";
const native = (id: string, fields = ""): string =>
  `{"schema":"rewardlens/1","id":"${id}"${fields},"turns":[{"role":"assistant","content":"x"}]}\n`;

describe("every line of --json fits its schema", () => {
  test("formats and methods", () => {
    valid("cli/formats.schema.json", run("formats", "--json").lines);
    valid("cli/methods.schema.json", run("methods", "--json").lines);
  });

  test("info, of logs, damage and what is not recognised", () => {
    const damaged = file("damaged.jsonl", `${native("a")}{"torn`);
    const unknown = file("unknown.jsonl", "hello\n");
    const { lines, code } = run("info", "samples", damaged, unknown, "--json");
    valid("cli/info.schema.json", lines);
    expect(code).toBe(2);
    const formats = lines.map(({ format }) => format);
    expect(formats.slice(-2)).toEqual(["rewardlens", null]);
    expect(new Set(formats.slice(0, -2))).toEqual(
      new Set(["chat", "rewardlens", "verl", "verlFileLogger", "tensorboard"]),
    );
    const samples = lines.slice(0, -2);
    for (const { issues } of samples) expect(issues).toEqual([]);
  });

  test("credit, available and not; export; and the samples themselves", () => {
    const methods = "grpo,drGrpo,rloo,reinforcePlusPlus,gae,tempo,pure,logged";
    valid(
      "cli/credit.schema.json",
      run("credit", example, "samples/verl-run", "samples/chat", "--method", methods, "--json").lines,
    );
    valid(
      "rewardlens-1.schema.json",
      run("export", example, "samples/verl-run", "samples/chat", "--json").lines,
    );
  });

  test("a line that is wrong does not", () => {
    const ajv = new Ajv({ strict: false });
    const check = ajv.compile(
      JSON.parse(readFileSync(join(repository, "schemas/rewardlens-1.schema.json"), "utf8")) as object,
    );
    const turn = { role: "assistant", content: "x" };
    for (const wrong of [
      { turns: [] },
      { schema: "rewardlens/2", turns: [] },
      { schema: "rewardlens/1", turns: [{ role: 1, content: "" }] },
      { schema: "rewardlens/1", turns: [{ ...turn, tokens: { offsets: [[0]] } }] },
      { schema: "rewardlens/1", turns: [{ ...turn, steps: [{ start: 0 }] }] },
    ]) {
      expect(check(wrong)).toBe(false);
    }
  });
});

test("the worked example's credit is what was worked out by hand, for every rollout, method, step and token", () => {
  const methods = "grpo,drGrpo,rloo,reinforcePlusPlus,gae,tempo,pure";
  const { lines, code } = run("credit", example, "--method", methods, "--json");
  const expected = readFileSync(join(repository, "samples/first-run/worked-example.expected.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect([code, lines.length]).toEqual([0, expected.length]);
  const rounded = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (_, x: unknown) => (typeof x === "number" ? Number(x.toPrecision(9)) + 0 : x)),
    );
  lines.forEach((line, i) => expect(rounded(line)).toEqual(rounded(expected[i])));
});

describe("credit", () => {
  test("computes over the whole train step, whatever is printed", () => {
    const [line] = run(
      "credit",
      example,
      "--method",
      "drGrpo",
      "--id",
      `${example}::pencils-2`,
      "--json",
    ).lines;
    expect(line).toMatchObject({ id: "pencils-2", credit: -0.5 });
  });

  test("takes parameters for one method or for all that have them", () => {
    const { lines } = run(
      "credit",
      example,
      "--method",
      "grpo,gae",
      "--set",
      "grpo.normalizeByStd=false",
      "--set",
      "stage=raw",
      "--set",
      "lambda=1",
      "--id",
      `${example}::pencils-2`,
      "--json",
    );
    expect(lines.map(({ params }) => params)).toMatchObject([
      { preset: "released:verl", normalizeByStd: false },
      { stage: "raw", lambda: 1 },
    ]);
  });

  test("a method that is named twice is computed once", () => {
    const { lines } = run(
      "credit",
      example,
      "--method",
      "grpo,rloo,grpo",
      "--id",
      `${example}::pencils-2`,
      "--json",
    );
    expect(lines.map(({ method }) => method)).toEqual(["grpo", "rloo"]);
  });

  test("refuses wrong use with the exit code 2 and a message that says what there is", () => {
    for (const [args, message] of [
      [["credit", example], "credit needs --method"],
      [["credit", example, "--method", "grpoo"], 'there is no credit method "grpoo"'],
      [
        ["credit", example, "--method", "grpo", "--set", "lambda=1"],
        'no chosen method has a parameter "lambda"',
      ],
      [["credit", example, "--method", "grpo", "--set", "gae.lambda=1"], 'method "gae" is not chosen'],
      [["credit", example, "--method", "grpo", "--set", "epsilon=-1"], "takes a number from 0 on"],
      [["credit", example, "--method", "grpo", "--set", "epsilon=1e999"], "takes a number from 0 on"],
      [["credit", example, "--method", "maRlhf", "--set", "n=2.5"], "takes a whole number from 1 on"],
      [["credit", "--method", "grpo"], "needs a file or folder"],
      [["credit", example, "--method", "grpo", "--id", "nobody::x"], "there is no such rollout"],
      [["curve"], 'there is no command "curve"'],
      [["info", "--frobnicate"], "frobnicate"],
    ] as const) {
      const { code, said, lines } = run(...args);
      expect([code, lines]).toEqual([2, []]);
      expect(said).toContain(message);
    }
  });

  test("goes on after a path that cannot be read, and says so with 2", () => {
    const { code, lines, said } = run(
      "credit",
      "no/such.jsonl",
      "samples/chat",
      "--method",
      "rloo",
      "--json",
    );
    expect([code, lines.length]).toEqual([2, 4]);
    expect(said).toContain("rewardlens: no/such.jsonl:0: is not there");
  });

  test("says on standard error what is damaged, with file and line, and exits 0 when something was read", () => {
    const path = file("half.jsonl", `${native("a", ',"reward":NaN')}${native("b", ',"reward":1')}{"torn`);
    const { code, lines, said } = run("credit", path, "--method", "drGrpo", "--json");
    expect([code, lines.map(({ id, status }) => [id, status])]).toEqual([
      0,
      [
        ["a", "unavailable"],
        ["b", "ok"],
      ],
    ]);
    expect(said).toContain(`rewardlens: ${path}:1: 1 bare NaN`);
    expect(said).toContain(`rewardlens: ${path}:3: The last line is not complete`);
  });

  test("refuses rewardlens/2 with a message", () => {
    const path = file("two.jsonl", native("a").replace("rewardlens/1", "rewardlens/2"));
    const { code, said } = run("credit", path, "--method", "grpo", "--json");
    expect(code).toBe(2);
    expect(said).toContain('has schema "rewardlens/2"; this version reads "rewardlens/1"');
  });
});

describe("info", () => {
  test("counts what is there and names its signals", () => {
    const [line] = run("info", example, "--json").lines;
    expect(line).toMatchObject({
      file: example,
      format: "rewardlens",
      trajectories: 10,
      groups: 4,
      train_steps: [1, 2],
      tokens: 558,
      token_source: "logged",
      issues: [],
    });
    expect((line!["signals"] as Record<string, string[]>)["token"]).toEqual([
      "ids",
      "logprobs",
      "ref_logprobs",
      "values",
      "advantages",
      "mask",
    ]);
  });

  test("an empty file is zeros and no failure", () => {
    const { code, lines } = run("info", file("empty.jsonl", ""), "--json");
    expect([code, lines[0]]).toMatchObject([
      0,
      { format: null, trajectories: 0, groups: 0, tokens: 0, issues: [] },
    ]);
  });
});

test("export reads back as the same log", () => {
  const first = join(folder, "first.jsonl");
  const second = join(folder, "second.jsonl");
  expect(run("export", "samples/verl-run", "--out", first).code).toBe(0);
  expect(run("export", first, "--out", second).code).toBe(0);
  expect(readFileSync(second, "utf8")).toBe(readFileSync(first, "utf8"));
  const [info] = run("info", first, "--json").lines;
  expect(info).toMatchObject({ format: "rewardlens", trajectories: 40, groups: 13, issues: [] });
});

test("export keeps every field and number of a native log", () => {
  const { lines } = run("export", example, "--json");
  const original = readFileSync(join(repository, example), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual(original);
});
