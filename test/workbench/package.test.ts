import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./harness/workspace.ts";

test("the package holds only what runs", () => {
  const vsce = join(repository, "node_modules/@vscode/vsce/vsce");
  const { stdout } = spawnSync(process.execPath, [vsce, "ls", "--no-dependencies"], {
    cwd: repository,
    encoding: "utf8",
  });
  const files = stdout.split("\n").filter((line) => line !== "");
  expect(files.toSorted()).toEqual(
    [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "THIRD_PARTY_NOTICES.md",
      "dist/extension.cjs",
      "dist/schemaService.cjs",
      "dist/storeWorker.cjs",
      "media/activity.svg",
      "media/icon.png",
      "media/trace/language-configuration.json",
      "media/trace/trace.tmLanguage.json",
      "package.json",
      "schemas/rewardlens-1.schema.json",
    ].toSorted(),
  );
});
