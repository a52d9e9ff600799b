import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository, results } from "./harness/workspace.ts";

test("npm start opens a workbench on the samples with a trace and its credit", () => {
  const screenshot = join(results, "npm-start.png");
  const { status, stdout, stderr } = spawnSync("npm", ["start", "--", "--check", screenshot], {
    cwd: repository,
    encoding: "utf8",
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toContain("a trace with its credit is shown");
  expect(existsSync(screenshot)).toBe(true);
});
