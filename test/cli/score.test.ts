import { Ajv } from "ajv";
import { mkdtempSync, readFileSync, rmSync, truncateSync, cpSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jsonLines, type Ran, repository, runProgram } from "./program.ts";
import { buildScoringProgram } from "./scoringProgram.ts";
import { bundledModel } from "../scorer/program.ts";

let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-score-"));
  program = buildScoringProgram("cliScore");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Scored extends Ran {
  /** The last line on standard error, where it is JSON. */
  readonly last: Record<string, unknown>;
}

function run(...args: readonly string[]): Scored {
  const ran = runProgram(program, args, {
    cwd: repository,
    env: { REWARDLENS_CACHE: join(folder, "cache") },
  });
  const last = ran.said.trim().split("\n").at(-1) ?? "";
  return { ...ran, last: last.startsWith("{") ? (JSON.parse(last) as Record<string, unknown>) : {} };
}

interface Line {
  readonly turns: readonly {
    readonly role: string;
    readonly content: string;
    readonly steps?: readonly Record<string, number>[];
    readonly tokens?: {
      readonly offsets: readonly (readonly [number, number])[];
      readonly "prm@arithmetic-starter"?: readonly (number | null)[];
    };
  }[];
  readonly signals?: Record<string, { readonly source: string }>;
}

const parsed = (text: string): Line[] => jsonLines(text) as unknown as Line[];

function errorsOf(schema: string, line: unknown): unknown {
  const check = new Ajv({ strict: false }).compile(
    JSON.parse(readFileSync(join(repository, "schemas", schema), "utf8")) as object,
  );
  check(line);
  return check.errors ?? [];
}

describe("score", () => {
  test("gives a log without tokens steps, tokens and their scores, as a log that reads back", () => {
    const {
      code,
      text: out,
      last,
    } = run("score", "samples/verl-run", "--model", "arithmetic-starter", "--device", "cpu", "--json");
    expect(code).toBe(0);
    expect(errorsOf("cli/score.schema.json", last)).toEqual([]);
    const lines = parsed(out);
    expect(lines.length).toBe(40);
    for (const line of lines) {
      expect(errorsOf("rewardlens-1.schema.json", line)).toEqual([]);
      const { steps, tokens } = line.turns.at(-1)!;
      for (const step of steps!) {
        expect(step["prm@arithmetic-starter"]).toBe(step["reward"]);
        expect(step["reward"]! >= 0 && step["reward"]! <= 1).toBe(true);
      }
      expect(tokens!["prm@arithmetic-starter"]!.length).toBe(tokens!.offsets.length);
      expect(line.signals!["tokens"]!.source).toBe("scorer:arithmetic-starter");
    }
    const file = join(folder, "scored.jsonl");
    expect(run("score", "samples/verl-run", "--model", bundledModel, "--out", file).last).toMatchObject({
      cached: 40,
      tokens: 0,
    });
    expect(readFileSync(file, "utf8")).toBe(out);
    const credit = JSON.parse(
      run("credit", file, "--method", "pure", "--json").text.split("\n")[0]!,
    ) as Record<string, unknown>;
    expect(credit).toMatchObject({
      status: "ok",
      token_source: "scorer:arithmetic-starter",
      step_source: "logged",
    });
  });

  test("leaves logged tokens, steps and rewards as they are", () => {
    const path = "samples/first-run/worked-example.jsonl";
    const before = parsed(readFileSync(join(repository, path), "utf8"));
    const after = parsed(run("score", path, "--model", "arithmetic-starter").text);
    after.forEach((line, i) =>
      line.turns.forEach((turn, t) => {
        const old = before[i]!.turns[t]!;
        if (old.tokens === undefined || old.steps === undefined) return;
        const { "prm@arithmetic-starter": scores, ...tokens } = turn.tokens!;
        expect(tokens).toEqual(old.tokens);
        expect(scores!.some((score) => score !== null)).toBe(true);
        turn.steps!.forEach((step, k) => expect(step["reward"]).toBe(old.steps![k]!["reward"]));
      }),
    );
  });

  test("ends with 3 and the file's name when the model cannot be used, and leaves nothing behind", () => {
    const copy = join(folder, "broken");
    cpSync(bundledModel, copy, { recursive: true });
    truncateSync(join(copy, "model.onnx"), 1000);
    const out = join(folder, "never.jsonl");
    const { code, said } = run("score", "samples/verl-run", "--model", copy, "--out", out);
    expect(code).toBe(3);
    expect(said).toMatch(/^rewardlens: .*model\.onnx: is cut off.*Copy the file again/);
    expect(existsSync(out)).toBe(false);
  });

  test("refuses wrong use with 2", () => {
    for (const [args, words] of [
      [["score", "samples/verl-run"], "needs --model"],
      [["score", "--model", "arithmetic-starter"], "needs a file or folder"],
      [
        ["score", "samples/verl-run", "--model", "nothing"],
        "no such bundled model or verifier (arithmetic-starter",
      ],
      [["score", "samples/verl-run", "--model", "http://localhost:8000"], "remote"],
      [["score", "samples/verl-run", "--model", "arithmetic-starter", "--device", "tpu"], "auto, cpu"],
      [["score", "samples/verl-run", "--model", "arithmetic-starter", "--threads", "x"], "whole number"],
    ] as const) {
      const { code, said } = run(...args);
      expect(said).toContain(words);
      expect(code).toBe(2);
    }
    expect(run("score", "no/such/log.jsonl", "--model", "arithmetic-starter").code).toBe(2);
  });
});

test("models lists what is bundled", () => {
  const { lines } = run("models", "--json");
  expect(lines.map(({ id }) => id)).toEqual(["arithmetic-starter"]);
  for (const line of lines) expect(errorsOf("cli/models.schema.json", line)).toEqual([]);
  expect(run("models").text).toContain("prm@arithmetic-starter");
});
