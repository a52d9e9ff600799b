import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository, results } from "./harness/workspace.ts";

test("npm start opens a workbench on the sample run with a trace, its credit and the run's curves", () => {
  const screenshot = join(results, "npm-start.png");
  const { status, stdout, stderr } = spawnSync("npm", ["start", "--", "--check", screenshot], {
    cwd: repository,
    encoding: "utf8",
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toContain("a trace with its credit is shown");
  expect(stdout).toContain("the run's curves are shown");
  expect(existsSync(screenshot)).toBe(true);
});
