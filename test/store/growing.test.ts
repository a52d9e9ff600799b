import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreEvents } from "../../src/protocol/store.ts";
import { type FileIndex, indexFile } from "../../src/store/fileIndex.ts";
import { IndexCache } from "../../src/store/indexCache.ts";
import { loadTrajectories } from "../../src/store/loadTrajectories.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import { StoreService } from "../../src/store/storeService.ts";

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-growing-"));
  log = join(folder, "log.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (i: number, step = 1 + (i >> 2), reward = i % 2): string =>
  `${JSON.stringify({ schema: "rewardlens/1", id: `r${i}`, group: `g${i >> 1}`, train_step: step, reward, turns: [{ role: "assistant", content: `Answer ${i}.` }] })}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, k) => line(from + k)).join("");
const idsOf = ({ table }: FileIndex): readonly string[] =>
  Array.from({ length: table.length }, (_, row) => table.summary(row).id);
const linesOf = ({ table }: FileIndex): readonly number[] =>
  Array.from({ length: table.length }, (_, row) => table.place(row).locator.line);

describe("the index of a file", () => {
  test("goes on where it ended, and a torn line is read when its rest is there", async () => {
    const [third, fourth] = [line(2), line(3)];
    writeFileSync(log, lines(0, 2) + third.slice(0, 40));
    const first = await indexFile(log);
    expect([idsOf(first), first.issues.map(({ code, line: at }) => `${code}:${at}`)]).toEqual([
      ["r0", "r1"],
      ["torn-line:3"],
    ]);
    // The rest, and a last line that has no newline yet.
    appendFileSync(log, third.slice(40) + fourth.trimEnd());
    const second = await indexFile(log, { before: first });
    expect(second).toBe(first);
    expect([idsOf(second), linesOf(second), second.issues]).toEqual([
      ["r0", "r1", "r2", "r3"],
      [1, 2, 3, 4],
      [],
    ]);
    appendFileSync(log, `\n${line(4)}`);
    const third2 = await indexFile(log, { before: second });
    expect([idsOf(third2), linesOf(third2)]).toEqual([
      ["r0", "r1", "r2", "r3", "r4"],
      [1, 2, 3, 4, 5],
    ]);
    expect(third2.issueCount).toBe(0);
  });

  test("begins anew when the file is shorter, another, or has changed where it was read", async () => {
    writeFileSync(log, lines(0, 6));
    const before = await indexFile(log);
    writeFileSync(log, lines(0, 3));
    const shorter = await indexFile(log, { before });
    expect([shorter === before, idsOf(shorter).length]).toEqual([false, 3]);
    // Longer than before, and different: as a trainer's that starts again.
    writeFileSync(log, lines(100, 120));
    const other = await indexFile(log, { before: shorter });
    expect([other === shorter, idsOf(other)[0]]).toEqual([false, "r100"]);
    // Edited in the middle, to the same length.
    writeFileSync(log, lines(100, 120).replace("Answer 107", "Answer 999"));
    const edited = await indexFile(log, { before: other });
    expect(edited).not.toBe(other);
    // Rotated: the old file has another name, and a new one begins.
    renameSync(log, join(folder, "log.jsonl.1"));
    writeFileSync(log, lines(200, 201));
    expect(idsOf(await indexFile(log, { before: other }))).toEqual(["r200"]);
  });

  test("that was given up on the way is not gone on with", async () => {
    writeFileSync(log, lines(0, 4));
    const before = await indexFile(log);
    appendFileSync(log, lines(4, 8));
    const gone = new AbortController();
    gone.abort();
    await expect(indexFile(log, { before, signal: gone.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    const after = await indexFile(log, { before });
    expect(after).not.toBe(before);
    expect(idsOf(after)).toHaveLength(8);
  });

  test("still leads to its records while the file grows", async () => {
    writeFileSync(log, lines(0, 4));
    const root = await OpenRoot.open(log, null);
    const members = root.runs[0]!.batches[0]!.members;
    appendFileSync(log, lines(4, 8));
    const [, second] = await loadTrajectories(members);
    expect(second!.trajectory.turns[0]!.content).toBe("Answer 1.");
    writeFileSync(log, lines(50, 60));
    await expect(loadTrajectories(members)).rejects.toMatchObject({ code: "store/changed" });
  });
});

test("train steps that did not change are the same ones after others came", async () => {
  writeFileSync(log, lines(0, 6));
  const before = await OpenRoot.open(log, null);
  appendFileSync(log, lines(6, 10));
  const after = await OpenRoot.open(log, before);
  const [old, now] = [before.runs[0]!.batches, after.runs[0]!.batches];
  expect(now.map(({ key, members }) => [key.trainStep, members.length])).toEqual([
    [1, 4],
    [2, 4],
    [3, 2],
  ]);
  expect([now[0] === old[0], now[1] === old[1]]).toEqual([true, false]);
  expect(after.latest()).toMatchObject({ id: "r9" });
});

describe("indices on the disk", () => {
  const cacheOf = (program = "build 1"): IndexCache => new IndexCache(join(folder, "cache"), program);
  /** Long enough to be kept. */
  const content = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, k) =>
      line(from + k).replace("Answer", `Answer ${"word ".repeat(2000)}`),
    ).join("");

  test("are used for a file that is what it was, or has grown", async () => {
    writeFileSync(log, content(0, 800));
    await OpenRoot.open(log, null, { cache: cacheOf() });
    // A reward in the middle changes behind the index's back: only who reads it again would see that.
    const bytes = readFileSync(log);
    expect(bytes.length).toBeGreaterThan(5 * 2 ** 20);
    const at = bytes.indexOf('"reward":1', bytes.length / 2);
    bytes[at + 9] = "7".charCodeAt(0);
    writeFileSync(log, bytes);
    appendFileSync(log, content(800, 810));
    const rewards = ({ files }: OpenRoot): readonly number[] => {
      const { table } = files[0]!;
      return Array.from({ length: table.length }, (_, row) => table.reward(row));
    };
    const kept = await OpenRoot.open(log, null, { cache: cacheOf() });
    expect([rewards(kept).length, rewards(kept).includes(7)]).toEqual([810, false]);
    const fresh = await OpenRoot.open(log, null, { cache: cacheOf("build 2") });
    expect([rewards(fresh).length, rewards(fresh).includes(7)]).toEqual([810, true]);
  });

  test("are not used when they are damaged, and never stand in the way", async () => {
    writeFileSync(log, content(0, 800));
    await OpenRoot.open(log, null, { cache: cacheOf() });
    const [name] = readdirSync(join(folder, "cache", "index"));
    const kept = join(folder, "cache", "index", name!);
    const bytes = readFileSync(kept);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(kept, bytes);
    expect(await cacheOf().get(log)).toBeNull();
    expect((await OpenRoot.open(log, null, { cache: cacheOf() })).files[0]!.table.length).toBe(800);
    writeFileSync(join(folder, "no folder"), "");
    const nowhere = new IndexCache(join(folder, "no folder"), "build 1");
    expect((await OpenRoot.open(log, null, { cache: nowhere })).files[0]!.table.length).toBe(800);
  });
});

test("a large log is shown while it is read, grows, and can be closed on the way", async () => {
  const told: StoreEvents["grown"][] = [];
  const service = new StoreService({
    tell: (event, value) => void (event === "grown" && told.push(value as StoreEvents["grown"])),
  });
  const handlers = service.handlers();
  const context = { signal: new AbortController().signal };
  const words = "word ".repeat(200);
  for (let part = 0; part < 40; part++)
    appendFileSync(
      log,
      Array.from({ length: 1500 }, (_, k) => line(part * 1500 + k).replace("Answer", words)).join(""),
    );
  const opened = await handlers.open(context, log);
  expect(opened.reading).not.toBeNull();
  const first = opened.runs[0]!.trajectories;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(60_000);
  // What is there can be read at once.
  const query = { sort: "log", descending: false, filter: "", from: 0, to: 1 } as const;
  const [batch] = (await handlers.batches(context, log, log, query)).rows;
  expect(batch!.key.trainStep).toBe(1);
  for (let tries = 0; told.at(-1)?.reading !== null && tries < 500; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told.at(-1)).toMatchObject({ reading: null, runs: [{ trajectories: 60_000 }] });
  const again = new StoreService().handlers();
  await again.open(context, log);
  await again.close(context, log);
  expect((await again.open(context, log)).runs[0]!.trajectories).toBeGreaterThan(0);
});
