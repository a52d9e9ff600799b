import { Ajv } from "ajv";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { layGraphs, writeSteps } from "../scorer/graphFolder.ts";
import { type Ran, repository, runProgram } from "./program.ts";
import { buildScoringProgram } from "./scoringProgram.ts";

let root: string;
let program: string;
let model: string;
let log: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "rewardlens-graphs-"));
  program = buildScoringProgram("cliGraphs");
  log = join(root, "log.jsonl");
  writeSteps(log, 50);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  model = mkdtempSync(join(root, "model-"));
});

function run(...args: readonly string[]): Ran {
  const env = { REWARDLENS_CACHE: join(root, "cache") };
  return runProgram(program, ["models", ...args], { cwd: repository, env });
}

const check = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync(join(repository, "schemas/cli/graphs.schema.json"), "utf8")) as object,
);
function errorsOf(line: unknown): unknown {
  check(line);
  return check.errors ?? [];
}

describe("models --compare", () => {
  test("says of each graph how its scores agree with the exact ones; one that does not hold is no failure", () => {
    layGraphs(model, { "model_fp32.onnx": "exact", "model_int8.onnx": "int8" });
    const { code, lines, said } = run(model, "--compare", log, "--limit", "40", "--device", "cpu", "--json");
    expect(said).toBe("");
    expect(code).toBe(0);
    expect(lines.map(errorsOf)).toEqual([[], []]);
    expect(lines).toMatchObject([
      {
        graph: "model_fp32.onnx",
        exact: "model.onnx",
        column: "prm@qwenPrm",
        id: "qwenPrm_fp32",
        level: "step",
        rollouts: 40,
        rollouts_of_log: 50,
        compared: 120,
        largest_difference: 0,
        boundary: 0.5,
        boundary_from: "threshold",
        crossed: 0,
        device: "cpu",
        holds: true,
        reason: "0 % on the other side, mean difference 0 % of the spread",
      },
      { graph: "model_int8.onnx", compared: 120, device: "cpu", holds: false },
    ]);
    expect(lines[1]!["reason"]).toMatch(/^mean difference \d\.\d % of the spread, more than 2 %$/);
    const again = run(model, "--compare", log, "--limit", "40", "--json");
    const kept = { device: null, exact_device: null, tokens_per_second: null, exact_tokens_per_second: null };
    expect(again.lines).toEqual(lines.map((line) => ({ ...line, ...kept })));
  });

  test("prints a table and what it means", () => {
    layGraphs(model, { "model_fp32.onnx": "exact", "model_int8.onnx": "int8" });
    const { code, text } = run(model, "--compare", log, "--device", "cpu");
    expect(code).toBe(0);
    const lines = text.split("\n");
    expect(lines.slice(0, 2)).toEqual([model, "prm@qwenPrm, steps of 50 rollouts"]);
    expect(lines.find((line) => line.startsWith("model_fp32.onnx "))).toMatch(
      /^model_fp32\.onnx +150 +0 +0 +0 +0 +1/,
    );
    expect(text).toContain("Sides are those of 0.50, the model's threshold.");
    expect(text).toContain("at most 1 % of the numbers are on the other side or lacking");
    expect(text).toContain(
      `model_fp32.onnx: holds (0 % on the other side, mean difference 0 % of the spread).`,
    );
    expect(text).toContain(join(model, "model_fp32.onnx"));
    expect(text).toMatch(/model_int8\.onnx: does not hold \(mean difference .* more than 2 %\)\./);
    expect(run(model).text).toContain("--compare LOG says how their scores agree");
  });

  test("of a graph that cannot be run ends with 3, behind what can be said", () => {
    layGraphs(model, { "model_fp32.onnx": "exact", "model_q8.onnx": "broken" });
    const { code, lines, said } = run(model, "--compare", log, "--limit", "4", "--json");
    expect(code).toBe(3);
    expect(said).toMatch(/model_q8\.onnx: cannot be loaded/);
    expect(lines.map(errorsOf)).toEqual([[], []]);
    // Twelve numbers are too few to tell.
    expect(lines.map(({ compared, holds }) => [compared, holds])).toEqual([
      [12, null],
      [null, null],
    ]);
  });

  test("says what it needs, and that there must be two graphs and a log", () => {
    layGraphs(model, {});
    const one = run(model, "--compare", log);
    expect(one).toMatchObject({ code: 2, text: "" });
    expect(one.said).toContain("holds one graph, model.onnx, and none to compare it with");
    expect(run(model, "--compare", join(root, "nowhere.jsonl"))).toMatchObject({ code: 2 });
    for (const [args, words] of [
      [["--compare", log], "models --compare LOG needs a file or folder"],
      [[model, "--compare", log, "--limit", "0"], "--limit 0: it is a whole number above 0"],
      [[model, "--limit", "5"], "models takes --limit with --compare only"],
      [[model, "--compare", log, "--device", "gpu"], "--device gpu: it is one of auto, cpu"],
    ] as const) {
      const { code, said } = run(...args);
      expect(said).toContain(words);
      expect(code).toBe(2);
    }
    layGraphs(model, { "model_int8.onnx": "int8" });
    writeFileSync(join(model, "tokenizer.json"), "{");
    const broken = run(model, "--compare", log);
    expect(broken).toMatchObject({ code: 3, text: "" });
    expect(broken.said).toContain("tokenizer.json");
  });
});
