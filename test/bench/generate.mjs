// Logs for the benchmarks, made on the spot: native trajectories of a given number of tokens.
import { closeSync, openSync, writeSync } from "node:fs";

const words = "so the number of rolls is then given by that sum and we check it again with care step".split(
  " ",
);

/**
 * One native line: a reasoning text of `n` tokens in lines of a hundred, with values, log-probs and steps.
 * @param {string} id
 * @param {number} n
 * @param {Record<string, unknown>} [fields]
 */
export function nativeLine(id, n, fields = {}) {
  let content = "";
  /** @type {[number, number][]} */
  const offsets = [];
  const steps = [];
  let stepFrom = 0;
  let state = id.length + n;
  for (let t = 0; t < n; t++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const start = content.length;
    content += `${t % 100 === 0 ? "" : " "}${words[state % words.length]}`;
    offsets.push([start, content.length]);
    if (t % 100 !== 99 && t !== n - 1) continue;
    steps.push({ start: stepFrom, end: content.length, reward: (state % 97) / 96 });
    content += "\n\n";
    stepFrom = content.length;
  }
  const column = (/** @type {number} */ scale) =>
    offsets.map((_, t) => Math.round(1000 * scale * Math.sin(t / 7 + n)) / 1000);
  const tokens = {
    offsets,
    ids: offsets.map((_, t) => (t * 31) % 5000),
    logprobs: column(-1),
    values: column(0.5),
  };
  const turns = [
    { role: "user", content: `Question ${id}` },
    { role: "assistant", content, tokens, steps },
  ];
  return JSON.stringify({
    schema: "rewardlens/1",
    id,
    train_step: 1,
    group: "g",
    reward: n % 2,
    turns,
    ...fields,
  });
}

/**
 * Writes lines until a file has a size.
 * @param {string} path
 * @param {number} bytes
 * @param {(i: number) => string} line
 */
export function writeLog(path, bytes, line) {
  const file = openSync(path, "w");
  let written = 0;
  let i = 0;
  for (; written < bytes; i++) written += writeSync(file, `${line(i)}\n`);
  closeSync(file);
  return { lines: i, bytes: written };
}
