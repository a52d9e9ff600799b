import { Ajv } from "ajv";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram, type Ran, repository, runProgram } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "rewardlens-lanes-"));
let program = "";

beforeAll(() => {
  program = buildProgram(join(folder, "cli.mjs"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): Ran => runProgram(program, ["credit", ...args], { cwd: repository });
const lane = ({ lines }: Ran, name: string): unknown =>
  (lines[0]!["lanes"] as Record<string, unknown> | undefined)?.[name];

describe("credit --lanes", () => {
  test("adds the numbers on the way at the level each has", () => {
    const turns = run("samples/methods/09-gigpo.jsonl", "--method", "gigpo", "--lanes", "--json");
    expect(lane(turns, "loneStates")).toMatchObject({ level: "batch", value: expect.any(Number) as unknown });
    expect(lane(turns, "mean")).toMatchObject({ level: "trajectory", value: expect.any(Number) as unknown });
    const { turns: sizes } = lane(turns, "stateSize") as { turns: readonly { value: number | null }[] };
    expect(sizes.some(({ value }) => value !== null && value > 1)).toBe(true);
    expect(lane(turns, "credit")).toBeUndefined();
    const tokens = run(
      "samples/methods/81-r1-reward.jsonl",
      "--method",
      "stableReinforce",
      "--lanes",
      "--json",
    );
    expect(JSON.stringify(lane(tokens, "kept"))).toContain('"tokens":[');
    const steps = run("samples/methods/08-pure.jsonl", "--method", "pure", "--lanes", "--json");
    expect(JSON.stringify(lane(steps, "kept"))).toContain('"steps":[');
    const schema = readFileSync(join(repository, "schemas/cli/credit.schema.json"), "utf8");
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
      JSON.parse(schema) as object,
    );
    for (const line of [turns, tokens, steps].flatMap(({ lines }) => lines))
      expect([validate(line), validate.errors]).toEqual([true, null]);
  });

  test("a rollout without credit has none, and words have no room for them", () => {
    const path = "samples/methods/09-gigpo.jsonl";
    expect(lane(run(path, "--method", "gae", "--lanes", "--json"), "values")).toBeUndefined();
    expect(run(path, "--method", "gigpo", "--lanes")).toMatchObject({ code: 2, text: "" });
  });
});
