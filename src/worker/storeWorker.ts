// Entry of the store's worker thread: reads, indexes, renders and computes, so that no other thread has to.
import { parentPort } from "node:worker_threads";
import { type Port, serve } from "../protocol/rpc.ts";
import type { StoreApi } from "../protocol/store.ts";
import { StoreService } from "../store/storeService.ts";

if (parentPort === null) throw new Error("storeWorker runs as a worker thread only");
const thread = parentPort;
const port: Port = {
  post: (message) => thread.postMessage(message),
  onMessage: (listener) => void thread.on("message", listener),
};
const service = new StoreService((progress) => server.emit("progress", progress));
const server = serve<StoreApi>(port, service.handlers());
