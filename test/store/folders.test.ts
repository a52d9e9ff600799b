import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { discover } from "../../src/store/discover.ts";
import { loadTrajectories, StaleIndex } from "../../src/store/loadTrajectories.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import { hasNoSignal } from "../../src/store/rows.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "rewardlens-folders-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, ...records: readonly Record<string, unknown>[]): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return path;
}

const row = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  input: "p",
  output: "o",
  score: 1,
  ...fields,
});
const native = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  schema: "rewardlens/1",
  turns: [],
  ...fields,
});

describe("files of a folder", () => {
  test("stand in the order of their numbers, under the path as it was given", async () => {
    for (const name of ["10.jsonl", "2.jsonl", "1.jsonl", "b/3.jsonl", "notes.txt", ".hidden/x.jsonl"])
      put(name, row());
    put("node_modules/x.jsonl", row());
    const given = `${folder}/./`;
    const { files } = await discover(given);
    expect(files).toEqual(["1.jsonl", "2.jsonl", "10.jsonl", "b/3.jsonl"].map((name) => given + name));
  });

  test("of a loop of links, or behind a broken one, do not stop it", async () => {
    put("1.jsonl", row());
    symlinkSync(folder, join(folder, "again"));
    symlinkSync(join(folder, "nowhere"), join(folder, "broken.jsonl"));
    symlinkSync(join(folder, "self.jsonl"), join(folder, "self.jsonl"));
    expect((await discover(folder)).files).toEqual([join(folder, "1.jsonl")]);
    await expect(discover(join(folder, "self.jsonl"))).rejects.toThrow("is a loop of links");
  });

  test("that are damaged beyond recognition are listed, those of another kind only counted", async () => {
    put("1.jsonl", row());
    put("metrics.jsonl", { step: 1, data: { loss: 1 } });
    put("empty.jsonl");
    writeFileSync(join(folder, "torn.jsonl"), '{"input":"p","out');
    writeFileSync(join(folder, "binary.ndjson"), new Uint8Array([0, 1, 2]));
    writeFileSync(join(folder, "pretty.json"), '{\n  "a": 1\n}\n');
    const { issues, skipped, runs } = (await OpenRoot.open(folder, null)).describe();
    expect(issues.map(({ file, issues: [first] }) => [file.slice(folder.length + 1), first!.code])).toEqual([
      ["binary.ndjson", "unrecognised"],
      ["torn.jsonl", "unrecognised"],
    ]);
    expect([skipped, runs.length]).toEqual([2, 1]);
  });
});

describe("batches and groups", () => {
  test("one train step of one run is a batch over all its files; without a step each file is one", async () => {
    put("a.jsonl", native({ train_step: 1 }), native({ train_step: 2 }), native());
    put("b.jsonl", native({ train_step: 1 }), native(), native({ train_step: 1, run: "other" }));
    const root = await OpenRoot.open(folder, null);
    const batches = root.runs.map(({ run, batches: all }) => [
      run === folder ? "the folder" : run,
      all.map(({ key, members }) => [key.trainStep, key.file?.slice(-7) ?? null, members.length]),
    ]);
    expect(batches).toEqual([
      [
        "the folder",
        [
          [null, "a.jsonl", 1],
          [null, "b.jsonl", 1],
          [1, null, 2],
          [2, null, 1],
        ],
      ],
      ["other", [[1, null, 1]]],
    ]);
  });

  test("equal prompts make a group in one file only; logged groups reach over files", async () => {
    put("a/1.jsonl", row({ step: 1 }), row({ step: 1 }));
    put("b/1.jsonl", row({ step: 1 }), row({ step: 1, uid: "u_0_0" }));
    put("c/1.jsonl", row({ step: 1, uid: "u_1_0" }));
    const [run] = (await OpenRoot.open(folder, null)).runs;
    expect(run!.batches.map(({ groups }) => groups.map(({ members }) => members.length))).toEqual([
      [2, 1, 2],
    ]);
  });

  test("rollouts without a group are singletons, though their ids are equal in two files", async () => {
    put("a.jsonl", native({ train_step: 1, id: "x", reward: 1 }));
    put("b.jsonl", native({ train_step: 1, id: "x", reward: 1 }));
    const [run] = (await OpenRoot.open(folder, null)).runs;
    expect(run!.batches[0]!.groups.map(({ group, members }) => [group, members.length])).toEqual([
      [null, 1],
      [null, 1],
    ]);
    expect(run!.batches[0]!.groups.some(hasNoSignal)).toBe(false);
  });

  test("a group has no signal when its two or more rewards are equal, whatever is missing beside them", async () => {
    const of = async (...rewards: readonly (number | null)[]): Promise<boolean> => {
      const path = put("g.jsonl", ...rewards.map((reward) => native({ group: "g", reward })));
      return hasNoSignal((await OpenRoot.open(path, null)).runs[0]!.batches[0]!.groups[0]!);
    };
    expect(await of(1, 1)).toBe(true);
    expect(await of(1, null, 1)).toBe(true);
    expect(await of(1, null)).toBe(false);
    expect(await of(1, 1, 0)).toBe(false);
    expect(await of(null, null)).toBe(false);
  });
});

describe("an index", () => {
  test("is kept for files that have not changed and made anew for those that have", async () => {
    put("a.jsonl", native({ id: "a" }));
    put("b.jsonl", native({ id: "b" }));
    const before = await OpenRoot.open(folder, null);
    put("b.jsonl", native({ id: "b" }), native({ id: "c" }));
    const after = await OpenRoot.open(folder, before);
    expect(after.files[0]).toBe(before.files[0]);
    expect(after.files[1]!.table.length).toBe(2);
  });

  test("that does not fit its file any more is not read by", async () => {
    const path = put("a.jsonl", native({ id: "a" }));
    const root = await OpenRoot.open(path, null);
    put("a.jsonl", native({ id: "another" }));
    await expect(loadTrajectories(root.runs[0]!.batches[0]!.members)).rejects.toBeInstanceOf(StaleIndex);
  });

  test("counts all damage and keeps what it is asked to keep of it", async () => {
    const path = put("a.jsonl", native());
    writeFileSync(path, `${JSON.stringify(native())}\n${"oops\n".repeat(1200)}`);
    const [few] = (await OpenRoot.open(path, null)).describe().issues;
    expect([few!.total, few!.issues.length]).toEqual([1200, 500]);
    const [all] = (await OpenRoot.open(path, null, { mostIssues: 1e5 })).describe().issues;
    expect(all!.issues.length).toBe(1200);
  });

  test("can be given up", async () => {
    const path = put("a.jsonl", native());
    const gone = AbortSignal.abort();
    await expect(OpenRoot.open(path, null, { signal: gone })).rejects.toMatchObject({ code: "cancelled" });
  });
});
