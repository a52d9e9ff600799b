import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatOf, sniffFormat } from "../../../src/core/format/registry.ts";
import { headOf } from "../../../src/core/format/sniff.ts";
import { writeTrajectory } from "../../../src/core/format/write.ts";
import { scanAll } from "./memorySource.ts";

// Each log of `fixtures/<format>` is read as its `.expected.json` says: the trajectories as native lines, where their
// groups come from, and every issue. A log without one fails.
const root = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const logs = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".jsonl"));

test.each(logs)("%s is read as expected", async (path) => {
  const id = path.split("/")[0]!;
  const bytes = new Uint8Array(readFileSync(root + path));
  const head = await headOf(path, bytes, () => Promise.resolve(bytes));
  expect(sniffFormat(head)?.id).toBe(id);
  const records = await scanAll(formatOf(id)!, bytes, path);
  const read = {
    trajectories: records.flatMap(({ trajectories }) =>
      trajectories.map((one) => ({
        groupSource: one.groupSource,
        ...(JSON.parse(writeTrajectory(one)) as object),
      })),
    ),
    issues: records.flatMap(({ issues }) =>
      issues.map(({ code, line, message }) => `${line} ${code}: ${message}`),
    ),
  };
  const expected = (root + path).replace(/\.jsonl$/, ".expected.json");
  expect(existsSync(expected), `${expected} is missing; this was read: ${JSON.stringify(read)}`).toBe(true);
  expect(read).toEqual(JSON.parse(readFileSync(expected, "utf8")));
});

test("every format has a log here", () => {
  expect(new Set(logs.map((path) => path.split("/")[0]))).toEqual(new Set(["rewardlens", "verl", "chat"]));
});
