// Written by `npm run manifest` from the registry of formats, which itself is too large for the extension's bundle.

/** Endings of files that may hold rollouts. */
export const logEndings: readonly string[] = [".jsonl", ".ndjson", ".json", ".eval", ".traj", ".zst", ".parquet"];
