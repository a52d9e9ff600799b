import type { Device } from "../protocol/scorer.ts";
import type { RunSize } from "./windows.ts";

/**
 * A run cannot be interrupted, and on a CPU what passes between two layers should stay in its caches: the wider a model, the
 * fewer tokens at once are fastest, and the sooner a run is worth its start. Measured with 1.2 million weights (1024 to 2048
 * alike; one by one is 0.6 times as fast) and with 50 million (256 to 512; texts of some hundred tokens gain nothing together).
 */
const smallBytes = 2 ** 25;
const ofSmall = { tokens: 2048, worth: 512 };
const ofLarge = { tokens: 512, worth: 96 };
const onGpu = { tokens: 16_384, worth: 512 };

/** What a run may hold. @param bytes of the model */
export function runSizeOf(bytes: number, device: Device = "cpu"): RunSize {
  const size = device !== "cpu" ? onGpu : bytes < smallBytes ? ofSmall : ofLarge;
  return { ...size, rows: Infinity };
}
