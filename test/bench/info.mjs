// `rewardlens info` on 100 MB against JSON.parse per line, each in a process of its own, alternating.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nativeLine, writeLog } from "./generate.mjs";
import { median } from "./median.mjs";

const repetitions = 5;
const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/** @returns {string[]} lines for docs/performance.md */
export function benchInfo() {
  const folder = mkdtempSync(join(tmpdir(), "rewardlens-bench-"));
  try {
    const verl = join(folder, "verl.jsonl");
    const native = join(folder, "native.jsonl");
    const output = "1. A step of some words, as models write them.\n".repeat(40);
    const row = (/** @type {number} */ i) => ({
      input: `user\nQuestion ${i >> 3}?\nassistant\n`,
      output,
      score: i % 2,
      step: 1,
      uid: `u${i >> 3}_${i & 7}_0`,
    });
    writeLog(verl, 100e6, (i) => JSON.stringify(row(i)));
    writeLog(native, 100e6, (i) => nativeLine(`r${i}`, 500, { group: `g${i >> 3}` }));
    return [
      "| 100 MB of | `JSON.parse` per line | `rewardlens info` | ratio |",
      "| --- | --: | --: | --: |",
      ...[
        ["verl dump, 2 kB a line", verl],
        ["rewardlens/1, 500 tokens with 4 columns a line", native],
      ].map(([name = "", path = ""]) => compare(name, path)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {string} path
 */
function compare(name, path) {
  const base = [];
  const ours = [];
  for (let i = 0; i < repetitions; i++) {
    base.push(seconds([here("parseLines.mjs"), path]));
    ours.push(seconds([here("../../dist/cli.js"), "info", path, "--json"]));
  }
  const [a, b] = [median(base), median(ours)];
  return `| ${name} | ${a.toFixed(2)} s | ${b.toFixed(2)} s | ${(b / a).toFixed(2)} |`;
}

/** @param {string[]} args */
function seconds(args) {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - started) / 1000;
}
