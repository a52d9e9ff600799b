import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StoreClient } from "../../src/store/storeClient.ts";

// A worker that answers `configure` and `methods` (with what it was told so far), and dies of anything else.
const worker = `
const { parentPort } = require("node:worker_threads");
const told = [];
parentPort.on("message", ({ kind, id, name, args }) => {
  if (kind !== "call") return;
  if (name === "configure") told.push(args[0].segmentation);
  else if (name !== "methods") throw new Error("out of order");
  parentPort.postMessage({ kind: "result", id, value: name === "methods" ? told : undefined });
});`;
let folder: string;
let workerFile: string;
const ref = { root: "r", file: "f", id: "i" };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-restart-"));
  workerFile = join(folder, "worker.cjs");
  writeFileSync(workerFile, worker);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("settings are told again to a worker that was started again", async () => {
  const client = new StoreClient({ workerFile, log: () => {}, backOffMs: 1 });
  await client.api.configure({ segmentation: "a", scorers: [] });
  await client.api.configure({ segmentation: "b", scorers: [] });
  expect(await client.api.methods(ref)).toEqual(["a", "b"]);
  await expect(client.api.open("x")).rejects.toMatchObject({ code: "store/exited" });
  expect(await client.api.methods(ref)).toEqual(["b"]);
  client.dispose();
});

test("all calls that wait for a dead worker reject, those that come meanwhile wait for the next one", async () => {
  const deaths: number[] = [];
  const client = new StoreClient({
    workerFile,
    log: () => deaths.push(performance.now()),
    backOffMs: 100,
  });
  const asked = await Promise.allSettled([client.api.open("x"), client.api.close("x")]);
  expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const died = performance.now();
  const [one, two] = await Promise.all([client.api.methods(ref), client.api.methods(ref)]);
  expect([one, two]).toEqual([[], []]);
  expect(performance.now() - died).toBeGreaterThan(50);
  expect(deaths.length).toBe(1);
  client.dispose();
});

test("nothing is started once it is disposed of", async () => {
  const client = new StoreClient({ workerFile, log: () => {}, backOffMs: 1 });
  const asked = client.api.methods(ref);
  client.dispose();
  await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  await expect(client.api.methods(ref)).rejects.toMatchObject({ code: "cancelled" });
});
