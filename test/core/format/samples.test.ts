import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finite, linesBack } from "./exported.ts";
import { infoOfCurves, infoOfRollouts } from "../../../src/cli/fileInfo.ts";
import { readCurveFile } from "../../../src/store/curves/curveFile.ts";
import { writeTrajectory } from "../../../src/core/format/write.ts";
import { loadTrajectories } from "../../../src/store/loadTrajectories.ts";
import { indexFile } from "../../../src/store/fileIndex.ts";

// What real logs, and logs that were constructed from their writers' code, hold. Most may not be kept in this repository;
// where they lie beside it (or where REWARDLENS_SAMPLES says) each is named, counted and its signals listed as here.
const folder = process.env["REWARDLENS_SAMPLES"] ?? join(process.cwd(), "..", "shared", "samples");
const isThere = existsSync(folder);
const expectations = join(process.cwd(), "test", "fixtures", "samples.expected.json");
const write = process.env["REWARDLENS_WRITE_EXPECTED"] === "1";

interface Found {
  readonly format: string | null;
  readonly [name: string]: unknown;
}

async function infoOf(path: string): Promise<Found> {
  const index = await indexFile(join(folder, path));
  const curves = index.format === null ? await readCurveFile(join(folder, path)) : null;
  const info = curves === null || curves.format === null ? infoOfRollouts(index) : infoOfCurves(curves);
  const { file: _, issues, signals, ...rest } = info;
  const named = Object.fromEntries(Object.entries(signals).filter(([, names]) => names.length > 0));
  return { ...rest, signals: named, issues: issues.map(({ code, line }) => `${code}:${line}`) };
}

test.skipIf(!isThere)(
  `every log of the samples is named, counted and its signals listed${isThere ? "" : " (skipped: they are not beside this repository)"}`,
  async () => {
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "MANIFEST.md")
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll("\\", "/"),
      )
      .sort();
    const found: Record<string, Found> = {};
    for (const path of paths) found[path] = await infoOf(path);
    if (write) writeFileSync(expectations, `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(expectations, "utf8")));
  },
);

test.skipIf(!isThere)("what is exported of the samples reads back equal", { timeout: 120_000 }, async () => {
  const paths = Object.entries(JSON.parse(readFileSync(expectations, "utf8")) as Record<string, Found>)
    .filter(([, { trajectories }]) => Number(trajectories) > 0)
    .map(([path]) => path);
  for (const path of paths) {
    const index = await indexFile(join(folder, path));
    const members = Array.from({ length: index.table.length }, (_, row) => ({ file: index, row }));
    for (const { trajectory } of await loadTrajectories(members)) {
      const back = await linesBack(writeTrajectory(trajectory));
      expect(back.issues, path).toEqual([]);
      expect({ ...back.trajectory, idLogged: trajectory.idLogged }, path).toEqual(finite(trajectory));
    }
  }
  expect(paths.length).toBeGreaterThan(40);
});
