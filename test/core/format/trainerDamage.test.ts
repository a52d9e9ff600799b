import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Format } from "../../../src/core/format/format.ts";
import { atropos } from "../../../src/core/format/formats/atropos.ts";
import { nemoRl } from "../../../src/core/format/formats/nemoRl.ts";
import { primeRlStream } from "../../../src/core/format/formats/primeRlStream.ts";
import { primeRlTokens } from "../../../src/core/format/formats/primeRlTokens.ts";
import { rewardlens } from "../../../src/core/format/formats/rewardlens.ts";
import { verifiers } from "../../../src/core/format/formats/verifiers.ts";
import { verifiersLegacy } from "../../../src/core/format/formats/verifiersLegacy.ts";
import { verl } from "../../../src/core/format/formats/verl.ts";
import { writeTrajectory } from "../../../src/core/format/write.ts";
import { scanAll } from "./memorySource.ts";

const root = new URL("../../fixtures/rollouts/", import.meta.url);
const logs: readonly (readonly [Format, string])[] = [
  [verifiers, "verifiers/rollouts/step_3/eval/all/traces.jsonl"],
  [verifiers, "verifiers/outputs/june/results.jsonl"],
  [verifiersLegacy, "verifiersLegacy/rollouts/step_5/train_rollouts.jsonl"],
  [primeRlTokens, "primeRlTokens/run_ab/token_exports/step_4/rank_1.jsonl"],
  [primeRlStream, "primeRlStream/run_aug/monitors/file/traces/stream.jsonl"],
  [nemoRl, "nemoRl/exp_001/train_data_step12.jsonl"],
  [nemoRl, "nemoRl/exp_001/val_data_step12.jsonl"],
  [atropos, "atropos/groups_1.jsonl"],
  [verl, "verl/agentLoop.jsonl"],
];

const named = logs.map(([format, path]) => [path, format] as const);

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const odd = fc.constantFrom<Json>(
  null,
  true,
  -1,
  1.5,
  1e300,
  2 ** 40,
  "",
  "x",
  "__proto__",
  [],
  [[]],
  [1],
  ["a", null],
  {},
  JSON.parse('{"__proto__":{"constructor":1},"toString":[2]}') as Json,
  [{ role: "assistant", content: 3, token_ids: [1] }],
);

/** Puts `value` at the place that the numbers lead to from the root: any of them leads somewhere. */
function withChange(whole: Json, way: readonly number[], value: Json): Json {
  const [step, ...rest] = way;
  if (step === undefined || typeof whole !== "object" || whole === null) return value;
  const copy = structuredClone(whole);
  const names = Object.keys(copy);
  if (names.length === 0) return value;
  const name = names[step % names.length]!;
  const container = copy as Record<string, Json>;
  Object.defineProperty(container, name, {
    value: withChange(container[name]!, rest, value),
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

test.each(named)(
  "%s with any field of any value neither throws nor is exported as another",
  async (path, format) => {
    const lines = readFileSync(new URL(path, root), "utf8")
      .split("\n")
      .filter((line) => line.endsWith("}"));
    const records = lines.map((line) => JSON.parse(line.replaceAll("NaN", "null")) as Json);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...records),
        fc.array(fc.nat(60), { minLength: 1, maxLength: 7 }),
        odd,
        async (record, way, value) => {
          const changed = JSON.stringify(withChange(record, way, value));
          for (const scanned of await scanAll(format, `${changed}\n`, path))
            for (const trajectory of scanned.trajectories) {
              const [back] = await scanAll(rewardlens, writeTrajectory(trajectory));
              expect(back!.issues).toEqual([]);
              expect({ ...back!.trajectories[0], idLogged: trajectory.idLogged }).toEqual(trajectory);
            }
        },
      ),
      { numRuns: 300 },
    );
  },
);

test.each(named)("%s cut anywhere is a torn line, or what stands before it", async (path, format) => {
  const [line = ""] = readFileSync(new URL(path, root), "utf8").split("\n");
  for (let cut = 1; cut < line.length; cut += 37) {
    const records = await scanAll(format, `${line}\n${line.slice(0, cut)}`, path);
    expect(records[0]!.issues.map(({ code }) => code)).not.toContain("torn-line");
    expect(records[1]!.issues.map(({ code }) => code)).toEqual(["torn-line"]);
  }
});
