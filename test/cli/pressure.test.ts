import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram, repository, runProgram } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "rewardlens-pressure-"));
const path = join(folder, "rollouts.jsonl");
let program = "";

function line(id: string, reward: number, tokens: Record<string, unknown>): string {
  const turns = [
    { role: "user", content: "Spell it." },
    { role: "assistant", content: "abc", tokens: { text: ["a", "b", "c"], mask: [1, 0, 1], ...tokens } },
  ];
  return JSON.stringify({ schema: "rewardlens/1", id, group: "g", train_step: 1, reward, turns });
}

beforeAll(() => {
  program = buildProgram(join(folder, "cli.mjs"));
  const logprobs = { logprobs: [-1, -1, -1], ref_logprobs: [-2, -2, -2] };
  writeFileSync(path, `${[line("with", 1, logprobs), line("without", 0, {})].join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): ReturnType<typeof runProgram> =>
  runProgram(program, ["credit", path, "--method", "drGrpo", ...args], { cwd: repository });

describe("credit --pressure", () => {
  test("adds weight, KL and pressure of every token to each line, null where nothing is trained on", () => {
    const sets = ["--set", 'pressure.aggregation="token-mean"', "--set", "pressure.kl=k1"];
    const { code, lines } = run("--pressure", "--json", ...sets);
    expect(code).toBe(0);
    expect(lines[0]!["pressure"]).toEqual({
      params: expect.objectContaining({ aggregation: "token-mean", kl: "k1", beta: 0.001 }) as unknown,
      missing: [],
      turns: [
        { turn: 0 },
        {
          turn: 1,
          advantage: [0.5, null, 0.5],
          lossWeight: [0.25, null, 0.25],
          kl: [1, null, 1],
          klGradient: [1, null, 1],
          klPressure: [-0.00025, null, -0.00025],
          pressure: [0.125, null, 0.125],
        },
      ],
    });
    expect(lines[1]!["pressure"]).toMatchObject({
      missing: ["token.logprobs", "token.ref_logprobs"],
      turns: [{ turn: 0 }, { kl: [null, null, null], pressure: [-0.125, null, -0.125] }],
    });
    const schema = JSON.parse(
      readFileSync(join(repository, "schemas/cli/credit.schema.json"), "utf8"),
    ) as object;
    const validate = new Ajv({ allErrors: true }).compile(schema);
    for (const one of lines) expect([validate(one), validate.errors]).toEqual([true, null]);
  });

  test("is there where the credit is not, with what is missing", () => {
    const { lines } = runProgram(program, ["credit", path, "--method", "gae", "--pressure", "--json"], {
      cwd: repository,
    });
    expect(lines[0]).toMatchObject({
      status: "unavailable",
      pressure: { missing: ["token.values"], turns: [{ turn: 0 }, { turn: 1 }] },
    });
  });

  test("is left out where it is not asked for, and says a word without --json", () => {
    expect(run("--json").lines[0]).not.toHaveProperty("pressure");
    expect(run("--pressure", "--set", "pressure.kl=none").text).toContain("pressure 0.25 (Σ|w·A|)");
  });

  test("refuses settings that do not fit or would not be used", () => {
    for (const [args, said] of [
      [["--set", "pressure.kl=k1"], "it needs --pressure"],
      [["--pressure", "--set", "pressure.kl=k9"], "pressure.kl takes one of"],
      [["--pressure", "--set", "pressure.gamma=1"], 'pressure has no parameter "gamma"'],
    ] as const) {
      const { code, said: heard } = run(...args);
      expect(code).toBe(2);
      expect(heard).toContain(said);
    }
  });
});
