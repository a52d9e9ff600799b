import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSystems } from "../../tools/systems/system.ts";
import { buildProgram, repository, runProgram } from "../cli/program.ts";

const systems = readSystems(join(repository, "tools", "systems"));
const folder = mkdtempSync(join(tmpdir(), "rewardlens-systems-"));
let program = "";

beforeAll(() => {
  program = buildProgram(join(folder, "cli.mjs"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shown = systems.filter(({ shows }) => shows.length > 0);

/** Words as a shell makes them of a command that is pasted there; braces outside quotes would be expanded. */
function wordsOf(command: string): readonly string[] {
  const words = command.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  return words.map((word) => {
    expect(word.replaceAll(/'[^']*'/g, "")).not.toMatch(/[{}$`;&|<>*?]/);
    return word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2");
  });
}

describe("docs/systems.md", () => {
  test("has a row for each of the 90 systems", () => {
    expect(systems.map(({ n }) => n)).toEqual(Array.from({ length: 90 }, (_, i) => i + 1));
    const text = readFileSync(join(repository, "docs", "systems.md"), "utf8");
    for (const { name } of systems) expect(text).toContain(name);
  });

  test("says of those without a command that there is nothing to compute", () => {
    for (const { shows, status, sample } of systems)
      expect([shows.length === 0, sample === null]).toEqual([status === "none", status === "none"]);
  });

  test.each(shown.map((system) => [`${system.n} ${system.name}`, system] as const))(
    "%s: its commands answer over its sample",
    (_, { shows, sample }) => {
      expect(existsSync(join(repository, sample!))).toBe(true);
      for (const command of shows) {
        expect(command).toContain(sample!);
        expect(command).toContain("--json");
        const ran = runProgram(program, wordsOf(command), { cwd: repository });
        expect([ran.code, ran.said]).toEqual([0, ""]);
        expect(ran.lines.length).toBeGreaterThan(0);
        for (const line of ran.lines) {
          if ("status" in line) expect(line["status"]).toBe("ok");
          if ("metric" in line) expect([line["value"], line["missing"] ?? []]).not.toEqual([null, []]);
        }
        if (ran.lines.some((line) => "metric" in line))
          expect(ran.lines.some(({ value }) => value !== null)).toBe(true);
        if (command.startsWith("info")) expect(ran.lines[0]!["issues"]).toEqual([]);
      }
    },
  );
});
