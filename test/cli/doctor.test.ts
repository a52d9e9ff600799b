import { Ajv } from "ajv";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ran, repository, runProgram } from "./program.ts";
import { buildScoringProgram } from "./scoringProgram.ts";

let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-doctor-"));
  program = buildScoringProgram("cliDoctor");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: readonly string[]): Ran {
  return runProgram(program, ["doctor", "--threads", "1", "--cache", folder, ...args], {
    cwd: repository,
    // A Vulkan driver of this machine would be tried, and take its time.
    env: { VK_DRIVER_FILES: join(folder, "none.json"), LD_LIBRARY_PATH: "" },
  });
}

describe("doctor", () => {
  test(
    "answers in one line that fits its schema: the CPU works, and nothing is told as 0",
    { timeout: 120_000 },
    () => {
      writeFileSync(join(folder, "scores.bin"), new Uint8Array(1234));
      const { code, lines, said } = run("--json");
      expect(code).toBe(0);
      expect(said).toBe("");
      expect(lines.length).toBe(1);
      const check = new Ajv({ strict: false }).compile(
        JSON.parse(readFileSync(join(repository, "schemas/cli/doctor.schema.json"), "utf8")) as object,
      );
      expect(check(lines[0]) ? [] : check.errors).toEqual([]);
      const { machine, trials, cache, models } = lines[0] as {
        readonly machine: { readonly platform: string; readonly runtime: { readonly threads: number } };
        readonly trials: readonly Record<string, unknown>[];
        readonly cache: unknown;
        readonly models: readonly unknown[];
      };
      expect(machine.platform).toBe(process.platform);
      expect(machine.runtime.threads).toBe(1);
      expect(trials[0]).toMatchObject({ device: "cpu", works: true, self_check: null, reason: "" });
      expect(trials[0]!["tokens_per_second"]).toBeGreaterThan(0);
      for (const { works, tokens_per_second: speed, reason } of trials.slice(1)) {
        if (works === true) continue;
        expect(speed).toBeNull();
        expect(reason).not.toBe("");
      }
      expect(cache).toEqual({ folder, bytes: 1234 });
      expect(models).toMatchObject([{ id: "arithmetic-starter", problem: "" }]);
    },
  );

  test("says the same to people, in sections", { timeout: 120_000 }, () => {
    const { code, text } = run();
    expect(code).toBe(0);
    expect(text.match(/^\S.*$/gm)).toEqual([
      "Machine",
      "GPU",
      "Devices, each tried with the bundled model",
      "GPU support",
      "Models and cache",
    ]);
    expect(text).toMatch(/^ {2}cpu +works, [\d,]+ tokens\/s$/m);
    expect(text).toContain(`${process.platform}-${process.arch}`);
  });

  test("takes no device, and no words for threads", () => {
    expect(run("--device", "cpu").code).toBe(2);
    const { code, said } = run("--threads", "many");
    expect(code).toBe(2);
    expect(said).toContain("--threads many");
  });
});
