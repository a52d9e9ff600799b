import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[\\/]$/, "");

/** Where screenshots of the run are kept. */
export const results = join(repository, "test-results");

/** A copy of the samples to work on, and the packaged extension, which other tests may rebuild. */
export interface TestWorkspace {
  readonly folder: string;
  readonly vsix: string;
  remove(): void;
}

export function makeWorkspace(): TestWorkspace {
  const root = mkdtempSync(join(tmpdir(), "rewardlens-test-"));
  const folder = join(root, "samples");
  const vsix = join(root, "rewardlens.vsix");
  cpSync(join(repository, "samples"), folder, { recursive: true });
  copyFileSync(join(repository, "dist", `rewardlens-${process.platform}-${process.arch}.vsix`), vsix);
  mkdirSync(results, { recursive: true });
  return { folder, vsix, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Lines of `rewardlens … --json`. */
export function commandLine(...args: readonly string[]): readonly Record<string, unknown>[] {
  const { stdout } = spawnSync(process.execPath, [join(repository, "dist", "cli.js"), ...args, "--json"], {
    encoding: "utf8",
  });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
