import type { Device } from "../protocol/scorer.ts";

/**
 * A run cannot be interrupted, and on a CPU what passes between two layers should stay in its caches: the wider a model, the
 * fewer tokens at once are fastest. Measured with 1.2 million weights (1024 to 2048 alike) and with 50 million (256 to 512).
 */
const smallBytes = 2 ** 25;
const [ofSmall, ofLarge, onGpu] = [2048, 512, 16_384];

/** Tokens of one run with their padding; one text may have more. @param bytes of the model */
export function runTokensOf(bytes: number, device: Device = "cpu"): number {
  if (device !== "cpu") return onGpu;
  return bytes < smallBytes ? ofSmall : ofLarge;
}
