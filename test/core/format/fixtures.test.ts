import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { FileContext, ScannedRecord } from "../../../src/core/format/format.ts";
import { formatOf, formats, sniffFormat } from "../../../src/core/format/registry.ts";
import { headOf } from "../../../src/core/format/sniff.ts";
import { writeTrajectory } from "../../../src/core/format/write.ts";
import { summarize } from "../../../src/core/rollout/summary.ts";
import { indexFile } from "../../../src/store/fileIndex.ts";
import { openFile } from "../../../src/store/fileSource.ts";
import { FilesNear } from "../../../src/store/nearby.ts";
import { finite, linesBack } from "./exported.ts";

// Each log of `fixtures/<format>` that has a file `<log>.expected.json` beside it is read as that says: the
// trajectories as native lines, where their groups come from, and every issue. The other files are what logs are read
// with. REWARDLENS_WRITE_EXPECTED=1 writes what is missing, to be looked at before it is committed.
const root = fileURLToPath(new URL("../../fixtures/rollouts/", import.meta.url));
const ending = ".expected.json";
const write = process.env["REWARDLENS_WRITE_EXPECTED"] === "1";
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) =>
  path.replaceAll("\\", "/"),
);
const logs = write
  ? files.filter((path) => path.includes(".") && !path.endsWith(ending))
  : files.filter((path) => path.endsWith(ending)).map((path) => path.slice(0, -ending.length));

interface Read {
  readonly format: string | undefined;
  readonly records: readonly ScannedRecord[];
}

async function read(path: string, wanted: string): Promise<Read> {
  const file = await openFile(root + path);
  const near = new FilesNear(root + path);
  try {
    const context: FileContext = { path, near };
    const format = sniffFormat(await headOf(file, context))?.id;
    const records: ScannedRecord[] = [];
    for await (const record of formatOf(wanted)!.scan(file, context, {})) records.push(record);
    const again = await formatOf(wanted)!.load(
      file,
      context,
      records.map(({ locator }) => locator),
    );
    expect(again).toEqual(records);
    return { format, records };
  } finally {
    await near.close();
    await file.close();
  }
}

test.each(logs)("%s is read as expected, and its export as the same", async (path) => {
  const id = path.split("/")[0]!;
  const { format, records } = await read(path, id);
  if (write && format !== id) return;
  expect(format).toBe(id);
  const trajectories = records.flatMap((record) => record.trajectories);
  const found = {
    trajectories: trajectories.map((one) => ({
      groupSource: one.groupSource,
      ...(JSON.parse(writeTrajectory(one)) as object),
    })),
    issues: records.flatMap(({ issues }) =>
      issues.map(({ code, line, message }) => `${line} ${code}: ${message}`),
    ),
  };
  const expected = root + path + ending;
  if (write && !existsSync(expected)) writeFileSync(expected, `${JSON.stringify(found, null, 2)}\n`);
  expect(found).toEqual(JSON.parse(readFileSync(expected, "utf8")));
  for (const trajectory of trajectories) {
    const line = writeTrajectory(trajectory);
    const back = await linesBack(line);
    // A field that the native format knows and cannot use is named again.
    if (id !== "rewardlens") expect(back.issues).toEqual([]);
    // What is logged under an id of its own is the same again; a line's number is no id.
    expect({ ...back.trajectory, idLogged: trajectory.idLogged }).toEqual(finite(trajectory));
    expect(writeTrajectory(back.trajectory)).toBe(line);
  }
});

test("every format has a log here", () => {
  expect(new Set(logs.map((path) => path.split("/")[0]))).toEqual(new Set(formats.map(({ id }) => id)));
});

test.each(logs)("%s is indexed as it is read", async (path) => {
  const id = path.split("/")[0]!;
  const format = formatOf(id)!;
  const { records } = await read(path, id);
  const index = await indexFile(root + path);
  expect(index.format).toBe(format);
  const trajectories = records.flatMap((record) => record.trajectories);
  expect(index.table.length).toBe(trajectories.length);
  const summaries = trajectories.map((one) => summarize(one, format.joinKey?.(one)));
  // Ids that stand twice in a file are told apart by their lines.
  const found = Array.from({ length: index.table.length }, (_, row) => index.table.summary(row));
  const unnamed = (one: (typeof found)[number]): object => ({ ...one, id: null });
  expect(found.map(unnamed)).toEqual(summaries.map(unnamed));
});
