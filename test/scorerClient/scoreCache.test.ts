import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ScoredItem } from "../../src/protocol/scorer.ts";
import { defaultCacheFolder } from "../../src/scorerClient/cacheFolder.ts";
import { ScoreCache } from "../../src/scorerClient/scoreCache.ts";
import { keyOf } from "../../src/scorerClient/scoredRecord.ts";
import { itemOf, part } from "../scorer/scoreItems.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rewardlens-cache-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function scored(score: number): ScoredItem {
  return {
    first: Int32Array.of(0, 2, 3),
    start: Int32Array.of(0, 1, 0),
    end: Int32Array.of(1, 4, 2),
    ids: Int32Array.of(5, 6, 7),
    columns: [
      { name: "prm", level: "step", values: Float32Array.of(score, NaN) },
      { name: "prm", level: "token", values: Float32Array.of(score, 0.5, 0.25) },
      { name: "é", level: "trajectory", values: Float32Array.of(score) },
    ],
    tokens: 9,
    windows: 1,
    onGpu: false,
  };
}

const key = (text: string): string => keyOf(itemOf(text, []));
const cache = (): ScoreCache => new ScoreCache(folder, "digest");
const segments = (): string[] =>
  readdirSync(join(folder, "scores", "digest")).map((name) => join(folder, "scores", "digest", name));

describe("kept scores", () => {
  test("are found again, by the one who wrote them and by others", async () => {
    const one = cache();
    await one.put([
      [key("a"), scored(0.1)],
      [key("b"), scored(0.2)],
    ]);
    expect(await one.get(key("b"))).toEqual(scored(0.2));
    const other = cache();
    await other.refresh();
    expect(await other.getAll([key("a"), key("x"), key("b")])).toEqual([scored(0.1), null, scored(0.2)]);
    await one.close();
  });

  test("of two writers at once are all kept", async () => {
    const writers = [cache(), cache()];
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => writers[i % 2]!.put([[key(`item ${i}`), scored(i)]])),
    );
    const reader = cache();
    await reader.refresh();
    expect(reader.size).toBe(200);
    for (const i of [0, 1, 198, 199])
      expect((await reader.get(key(`item ${i}`)))?.columns[0]!.values[0]).toBe(i);
    for (const writer of writers) await writer.close();
  });

  test("grow under a reader's eyes", async () => {
    const reader = cache();
    await reader.refresh();
    expect(reader.has(key("a"))).toBe(false);
    const writer = cache();
    await writer.put([[key("a"), scored(1)]]);
    await reader.refresh();
    expect(reader.has(key("a"))).toBe(true);
    await writer.put([[key("b"), scored(2)]]);
    await reader.refresh();
    expect((await reader.get(key("b")))?.columns[0]!.values[0]).toBe(2);
    await writer.close();
  });

  test("before a torn record are read; what follows damage is not believed", async () => {
    const writer = cache();
    for (const name of ["a", "b", "c"]) await writer.put([[key(name), scored(name.charCodeAt(0))]]);
    await writer.close();
    const [path] = segments();
    truncateSync(path!, readFileSync(path!).length - 5);
    const torn = cache();
    await torn.refresh();
    expect([torn.has(key("a")), torn.has(key("b")), torn.has(key("c"))]).toEqual([true, true, false]);
    const bytes = readFileSync(path!);
    bytes[bytes.length >> 1]! ^= 0xff;
    writeFileSync(path!, bytes);
    const damaged = cache();
    await damaged.refresh();
    const items = await damaged.getAll([key("a"), key("b")]);
    expect(items.filter((item) => item !== null).length).toBeLessThan(2);
    for (const item of items) if (item !== null) expect(item.windows).toBe(1);
  });

  test("survive a segment of rubbish and one that is gone", async () => {
    const writer = cache();
    await writer.put([[key("a"), scored(1)]]);
    await writer.close();
    const [path] = segments();
    appendFileSync(join(folder, "scores", "digest", "rubbish.scores"), Buffer.alloc(5000, 0xff));
    const reader = cache();
    await reader.refresh();
    expect(await reader.get(key("a"))).toEqual(scored(1));
    rmSync(path!);
    expect(await reader.get(key("a"))).toBeNull();
  });

  test("of a GPU are forgotten for everybody once it is found wrong, and are not kept any more until it was checked anew", async () => {
    const onGpu = (score: number): ScoredItem => ({ ...scored(score), onGpu: true });
    const [one, other] = [cache(), cache()];
    await one.put([
      [key("a"), scored(0.1)],
      [key("b"), onGpu(0.2)],
    ]);
    await other.put([[key("c"), onGpu(0.3)]]);
    await one.refresh();
    expect(await one.getAll([key("a"), key("b"), key("c")])).toEqual([scored(0.1), onGpu(0.2), onGpu(0.3)]);
    await one.forgetGpu();
    await one.put([
      [key("d"), onGpu(0.4)],
      [key("e"), scored(0.5)],
    ]);
    const reader = cache();
    for (const each of [one, reader]) {
      await each.refresh();
      expect(["a", "b", "c", "d", "e"].map((name) => each.has(key(name)))).toEqual([
        true,
        false,
        false,
        false,
        true,
      ]);
    }
    expect(await other.get(key("c"))).toBeNull();
    one.trustGpu();
    await one.put([[key("d"), onGpu(0.4)]]);
    expect(await one.get(key("d"))).toEqual(onGpu(0.4));
    for (const each of [one, other]) await each.close();
  });

  test("of different texts have different keys, however the texts are cut", () => {
    const step = (text: string) => part("step", text);
    const ids = [1, 2];
    const items = [
      itemOf("a", [step("bc")]),
      itemOf("ab", [step("c")]),
      itemOf("a", [step("b"), step("c")]),
      itemOf("a", [part("turn", "bc")]),
      itemOf("a", [part("step", "bc", 2)]),
      itemOf("a", [{ ...step("bc"), ids }]),
      { ...itemOf("a", [step("bc")]), answer: "bc" },
      { ...itemOf("a", [step("bc")]), before: [{ role: "system", text: "a" }] },
    ];
    expect(new Set(items.map(keyOf)).size).toBe(items.length);
  });
});

test("the cache lies where the system keeps a person's caches", () => {
  expect(defaultCacheFolder("linux", { XDG_CACHE_HOME: "/c" })).toBe("/c/rewardlens");
  expect(defaultCacheFolder("linux", {})).toMatch(/\.cache\/rewardlens$/);
  expect(defaultCacheFolder("darwin", {})).toMatch(/Library\/Caches\/RewardLens$/);
  expect(defaultCacheFolder("linux", { REWARDLENS_CACHE: "/mine" })).toBe("/mine");
});
