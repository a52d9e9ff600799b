import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StoreClient } from "../../src/store/storeClient.ts";

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
let folder: string;
let workerFile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-worker-"));
  workerFile = join(folder, "storeWorker.cjs");
  await build({
    entryPoints: [source("src/worker/storeWorker.ts")],
    outfile: workerFile,
    bundle: true,
    platform: "node",
    format: "cjs",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the worker answers, expected errors keep their code, and typed arrays arrive as they are", async () => {
  const client = new StoreClient({ workerFile, log: () => {} });
  const log = source("samples/first-run/worked-example.jsonl");
  const { runs } = await client.api.open(log);
  expect(runs.map(({ run, trajectories }) => [run, trajectories])).toEqual([["first-run", 10]]);
  const view = await client.api.trace({ root: log, file: log, id: "apples-1" });
  expect(view.tokens).toBeInstanceOf(Int32Array);
  await expect(client.api.open(join(folder, "none"))).rejects.toMatchObject({ code: "store/ENOENT" });
  client.dispose();
});

test("a worker that dies rejects what was asked, and the next call starts another", async () => {
  const deaths: string[] = [];
  const broken = join(folder, "broken.cjs");
  await build({
    stdin: { contents: "setTimeout(() => { throw new Error('out of order'); }, 50);" },
    outfile: broken,
    platform: "node",
  });
  const client = new StoreClient({ workerFile: broken, log: (line) => deaths.push(line) });
  for (let n = 0; n < 4; n++)
    await expect(client.api.open("x")).rejects.toMatchObject({ code: "store/exited" });
  await expect(client.api.open("x")).rejects.toMatchObject({ code: "store/dead" });
  expect(deaths.length).toBe(4);
  expect(deaths[0]).toContain("out of order");
  client.dispose();
});
