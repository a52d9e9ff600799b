// From the command to the first trajectory's text and credit through the store's worker as it is shipped; then until all
// is read, and the last one's text. Prints {firstMs, wholeMs, lastMs, peakMb}.
import { StoreClient } from "../../../src/store/storeClient.ts";
import type { RowQuery, StoreApi, TrajectoryRef } from "../../../src/protocol/store.ts";

const [root, workerFile] = process.argv.slice(2) as [string, string];
// The worker alone keeps no program alive.
const alive = setInterval(() => {}, 1000);
const client = new StoreClient({ workerFile, log: (line) => console.error(line) });
const store: StoreApi = client.api;
const some = (to: number): RowQuery => ({ sort: "log", descending: false, filter: "", from: 0, to });
const started = performance.now();
const whole = new Promise<void>((resolve) => {
  client.on("grown", ({ reading }) => {
    if (reading === null) resolve();
  });
});
const opened = await store.open(root);
const { run } = opened.runs[0]!;
const [batch] = (await store.batches(root, run, some(500))).rows;
const [group] = (await store.groups(batch!.key, some(500))).rows;
const [rollout] = (await store.rollouts(batch!.key, group!.key, some(500))).rows;
await store.trace(rollout!.ref);
const firstMs = performance.now() - started;
if (opened.reading !== null) await whole;
const wholeMs = performance.now() - started;
const last = (await store.latest(root)) as TrajectoryRef;
await store.trace(last);
const lastMs = performance.now() - started - wholeMs;
console.log(JSON.stringify({ firstMs, wholeMs, lastMs, peakMb: process.resourceUsage().maxRSS / 1024 }));
client.dispose();
clearInterval(alive);
