import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Format } from "../../../src/core/format/format.ts";
import { formatOf } from "../../../src/core/format/registry.ts";
import { writeTrajectory } from "../../../src/core/format/write.ts";
import { scanAll } from "./memorySource.ts";

// Records of the fixtures with one value somewhere in them replaced by another: whatever a log holds, its reader gives
// what can be read, names the rest, and what it gives is written as what reads back the same.
const root = fileURLToPath(new URL("../../fixtures/rollouts/", import.meta.url));
const ids = [
  "areal",
  "skyrl",
  "tinker",
  "rllm",
  "ragen",
  "art",
  "prm800k",
  "processBench",
  "mathShepherd",
  "rlhflowPrm",
  "trlStepwise",
  "openaiChat",
  "shareGpt",
  "otlp",
  "claudeCode",
];

const hostile: readonly unknown[] = [
  null,
  true,
  -1,
  1e300,
  2 ** 53,
  "",
  "text",
  "NaN",
  [],
  [null],
  [[1, 2], "x", { a: 1 }],
  {},
  { length: 3, 0: "a" },
  JSON.parse('{"__proto__": {"role": "user"}, "constructor": 1, "toString": "x"}') as unknown,
  { role: "assistant", content: "\ud800 lone", tool_calls: [{ name: "f", arguments: {} }] },
];

/** Replaces, removes or doubles the value that `pick` leads to. */
function mutated(value: unknown, pick: readonly number[], replacement: unknown): unknown {
  if (pick.length === 0 || typeof value !== "object" || value === null) return replacement;
  const [first, ...rest] = pick;
  const keys = Object.keys(value);
  if (keys.length === 0) return replacement;
  const key = keys[first! % keys.length]!;
  const entries = keys.map((name): [string, unknown] => {
    const inner = (value as Record<string, unknown>)[name];
    return [name, name === key ? mutated(inner, rest, replacement) : inner];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function logsOf(id: string): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(`${root}${id}`, { recursive: true, encoding: "utf8" })
    .map((path) => `${id}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".expected.json") && !path.includes(".parquet"))
    .map((path) => path.slice(0, -".expected.json".length))
    .map((path) => ({ path, text: readFileSync(root + path, "utf8") }));
}

/** The log's records, each of which can be changed by itself. */
function recordsOf(text: string): readonly unknown[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const read = (json: string): unknown[] => {
    try {
      return [JSON.parse(json) as unknown];
    } catch {
      return [];
    }
  };
  const whole = read(text);
  return whole.length > 0 ? whole : lines.flatMap(read);
}

async function checkRound(format: Format, content: string, path: string): Promise<void> {
  const native = formatOf("rewardlens")!;
  for (const { trajectories } of await scanAll(format, content, path)) {
    for (const trajectory of trajectories) {
      const line = writeTrajectory(trajectory);
      const [back] = await scanAll(native, line);
      const again = writeTrajectory(back!.trajectories[0]!);
      expect(JSON.parse(again)).toEqual(JSON.parse(line));
    }
  }
}

test.each(ids)("%s reads any record with a wrong value in it", { timeout: 60_000 }, async (id) => {
  const format = formatOf(id)!;
  const logs = logsOf(id);
  expect(logs.length).toBeGreaterThan(0);
  for (const { path, text } of logs) {
    const records = recordsOf(text);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(records.length - 1),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }),
        fc.constantFrom(...hostile),
        async (at, pick, replacement) => {
          const lines = records.map((record, i) =>
            JSON.stringify(i === at ? mutated(record, pick, replacement) : record),
          );
          await checkRound(format, lines.join("\n"), path);
        },
      ),
      { numRuns: 150 },
    );
  }
});

test.each(ids)("%s reads a log that is cut anywhere", async (id) => {
  const format = formatOf(id)!;
  const { path, text } = logsOf(id)[0]!;
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut < bytes.length; cut += Math.max(1, Math.floor(bytes.length / 60)))
    await checkRound(format, new TextDecoder().decode(bytes.subarray(0, cut)), path);
});
