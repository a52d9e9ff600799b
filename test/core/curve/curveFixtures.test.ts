import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { LoggedSeries } from "../../../src/core/curve/curveFormat.ts";
import { curveFormats, curveGlobs } from "../../../src/core/curve/registry.ts";
import type { Issue } from "../../../src/core/rollout/issue.ts";
import { readCurveFile } from "../../../src/store/curves/curveFile.ts";

// Files as the loggers write them, in a folder of each format's name, with what must be read of them:
// `<file>.expected.json`. REWARDLENS_WRITE_EXPECTED=1 writes those that are missing; read them before you commit them.
const root = fileURLToPath(new URL("../../fixtures/curves/", import.meta.url));
const ending = ".expected.json";
const write = process.env["REWARDLENS_WRITE_EXPECTED"] === "1";

const files = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) =>
  path.replaceAll("\\", "/"),
);
const logs = write
  ? files.filter((path) => !path.endsWith(ending) && /\.[^/]*$/.test(path))
  : files.filter((path) => path.endsWith(ending)).map((path) => path.slice(0, -ending.length));

test.each(logs)("%s is read as expected", async (path) => {
  const id = path.split("/")[0]!;
  const { format, content } = await readCurveFile(root + path);
  if (write && format?.id !== id) return;
  expect(format?.id).toBe(id);
  const { snapshot } = content;
  const found = [
    { ...(snapshot === undefined ? {} : { snapshot }), issues: content.issues.map(told) },
    ...content.series.map(written),
  ].map((value) => JSON.stringify(value));
  const expected = root + path + ending;
  if (write && !existsSync(expected)) writeFileSync(expected, `[\n${found.join(",\n")}\n]\n`);
  const wanted = JSON.parse(readFileSync(expected, "utf8")) as unknown[];
  expect(found.map((line) => JSON.parse(line) as unknown)).toEqual(wanted);
});

function written({ run, runId, name, steps, values, wallTimes, issues }: LoggedSeries): unknown {
  return {
    run,
    ...(runId === null ? {} : { runId }),
    name,
    steps: [...steps].map(plain),
    values: [...values].map(plain),
    ...(wallTimes === null ? {} : { wallTimes: [...wallTimes].map(plain) }),
    issues: issues.map(told),
  };
}

function told({ code, line, byte, message }: Issue): string {
  return `${line}:${byte} ${code}: ${message}`;
}

/** JSON has no NaN and no infinities. */
function plain(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

test("every format has a log here", () => {
  expect(new Set(logs.map((path) => path.split("/")[0]))).toEqual(new Set(curveFormats.map(({ id }) => id)));
});

test("the globs of what is followed match every file that is read", () => {
  const patterns = curveGlobs.map((glob) => {
    const inner = glob
      .replaceAll(".", "\\.")
      .replaceAll("**", "\0")
      .replaceAll("*", "[^/]*")
      .replace("\0", ".*");
    return new RegExp(`(?:^|/)${inner}$`);
  });
  const unread = /\/(?:params|tags)\/|\.expected\.json$/;
  const read = files.filter((path) => statSync(root + path).isFile() && !unread.test(path));
  expect(read.filter((path) => !patterns.some((pattern) => pattern.test(path)))).toEqual([]);
  expect(patterns.some((pattern) => pattern.test("run/notes.txt"))).toBe(false);
});
