import fc from "fast-check";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ContainerError } from "../../../src/core/container/containerError.ts";
import { type SqlValue, sqliteTables, withDatabase } from "../../../src/core/container/sqlite.ts";
import { alone, memorySource } from "../format/memorySource.ts";
import { sqliteFile, withWal } from "./sqliteFile.ts";

/** Written by SQLite in WAL mode: steps 0 to 3 lie in the file, 4 to 7 and 8 to 9 are two commits in the log. */
const folder = fileURLToPath(new URL("../../fixtures/curves/trackio/wal/", import.meta.url));
const main = new Uint8Array(readFileSync(`${folder}rl-demo.db`));
const wal = new Uint8Array(readFileSync(`${folder}rl-demo.db-wal`));
const frame = 24 + 512;

async function rows(
  bytes: Uint8Array,
  table: string,
  columns: readonly string[],
  log: Uint8Array | null = null,
): Promise<readonly (readonly SqlValue[])[]> {
  const found: (readonly SqlValue[])[] = [];
  await withDatabase(memorySource(bytes), withWal("a/rl-demo.db", log), (database) =>
    database.eachRow(table, columns, (row) => void found.push(row)),
  );
  return found;
}

const stepsIn = async (log: Uint8Array | null): Promise<number> =>
  (await rows(main, "metrics", ["step"], log)).length;

test("what is committed in the write-ahead log is read, and nothing else", async () => {
  expect([await stepsIn(null), await stepsIn(wal)]).toEqual([4, 10]);
  const ends = new Set<number>();
  for (let to = 0; to <= wal.length; to += 8) ends.add(await stepsIn(wal.subarray(0, to)));
  expect([...ends]).toEqual([4, 8, 10]);
});

test("the log ends before a frame whose checksum or salts do not fit", async () => {
  for (const at of [0, 9, 16, 31]) expect(await stepsIn(wal.with(at, wal[at]! ^ 0x40))).toBe(4);
  const lastFrame = wal.length - frame;
  for (const at of [0, 4, 8, 12, 16, 24, 300])
    expect(await stepsIn(wal.with(lastFrame + at, wal[lastFrame + at]! ^ 0x40))).toBe(8);
});

test("no log makes the reader fail", async () => {
  const mutated = fc.tuple(fc.nat(wal.length - 1), fc.nat(255)).map(([at, byte]) => wal.with(at, byte));
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), async (log) => {
      expect([4, 8, 10]).toContain(await stepsIn(log));
    }),
    { numRuns: 200 },
  );
});

test("a table's stored columns are read in the order of its rows; views and virtual tables are none", async () => {
  const bytes = await sqliteFile(
    "CREATE TABLE t (a TEXT, b REAL, made AS (b + 1), PRIMARY KEY (a, b))",
    "INSERT INTO t VALUES ('z', 1.5), ('a', NULL), (x'00ff', 9007199254740993)",
    "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS a FROM n",
  );
  expect(await sqliteTables(memorySource(bytes), alone("x.db"))).toEqual(["t"]);
  expect(await rows(bytes, "t", ["b", "a", "made", "absent"])).toEqual([
    [1.5, "z", null, null],
    [null, "a", null, null],
    [2 ** 53, Uint8Array.of(0, 255), null, null],
  ]);
  expect(await rows(bytes, "v", ["a"])).toEqual([]);
  expect(await rows(bytes, 'no "such" table', ["a"])).toEqual([]);
});

test("a reader that gives up is heard", async () => {
  const bytes = await sqliteFile(
    "CREATE TABLE t (a)",
    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT i FROM n",
  );
  let count = 0;
  const signal = { aborted: false };
  await withDatabase(memorySource(bytes), alone("x.db"), (database) =>
    database.eachRow(
      "t",
      ["a"],
      () => {
        count++;
        signal.aborted = true;
      },
      signal,
    ),
  );
  expect(count).toBeLessThan(100_000);
});

test("a database that is too large is refused before it is read", async () => {
  const source = { size: 2 ** 29 + 1, read: () => Promise.reject(new Error("read")) };
  await expect(withDatabase(source, alone("x.db"), () => 0)).rejects.toMatchObject({ code: "oversized" });
});

test("the tables of a large database are known from its beginning", async () => {
  const bytes = await sqliteFile("CREATE TABLE t (a)", "INSERT INTO t VALUES (zeroblob(20000000))");
  let read = 0;
  const source = memorySource(bytes);
  const counted = {
    size: source.size,
    read: (from: number, to: number) => {
      read += to - from;
      return source.read(from, to);
    },
  };
  expect(await sqliteTables(counted, alone("x.db"))).toEqual(["t"]);
  expect(read).toBeLessThan(bytes.length / 2);
});

test("a damaged database is a ContainerError or fewer rows, wherever it is cut or changed", async () => {
  const bytes = await sqliteFile(
    "PRAGMA page_size=512",
    "CREATE TABLE metrics (id INTEGER PRIMARY KEY, step INTEGER, metrics TEXT)",
    `INSERT INTO metrics WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100)
       SELECT i, i, '{"train/reward": 0.25, "note": "' || hex(zeroblob(i * 5)) || '"}' FROM n`,
  );
  const isRead = async (content: Uint8Array): Promise<void> => {
    await sqliteTables(memorySource(content), alone("x.db"));
    try {
      await rows(content, "metrics", ["step", "metrics"]);
    } catch (error) {
      expect(error).toBeInstanceOf(ContainerError);
    }
  };
  for (let to = 0; to < 2048; to += 7) await isRead(bytes.slice(0, to));
  const changed = fc
    .array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 })
    .map((changes) => changes.reduce((all, [at, byte]) => all.with(at, byte), bytes));
  await fc.assert(fc.asyncProperty(changed, isRead), { numRuns: 300 });
});
