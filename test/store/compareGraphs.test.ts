import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { scoreAgreement, verdictOf } from "../../src/core/head/scoreAgreement.ts";
import { scoreTextOf } from "../../src/core/head/scoreText.ts";
import type { GraphComparison } from "../../src/protocol/graphComparison.ts";
import type { ModelChoice } from "../../src/protocol/scorer.ts";
import { LocalScorers } from "../../src/scorerClient/localScorers.ts";
import { loadTrajectories } from "../../src/store/loadTrajectories.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import type { Member } from "../../src/store/runBatch.ts";
import { compareGraphs } from "../../src/store/scoring/compareGraphs.ts";
import { type fixtureGraphs, layGraphs, writeSteps } from "../scorer/graphFolder.ts";
import { buildScorer } from "../scorer/program.ts";

let scorerFile: string;
let folder: string;
let model: string;
let scorers: LocalScorers;

beforeAll(() => {
  scorerFile = buildScorer("compareGraphs");
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-graphs-"));
  model = join(folder, "model");
  scorers = make();
});
afterEach(async () => {
  await scorers.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function make(): LocalScorers {
  return new LocalScorers({ scorerFile, cacheFolder: join(folder, "cache"), log: () => {} });
}

function lay(graphs: Readonly<Record<string, keyof typeof fixtureGraphs>>): void {
  layGraphs(model, graphs);
}

async function members(n: number): Promise<readonly Member[]> {
  const path = join(folder, "log.jsonl");
  writeSteps(path, n);
  const root = await OpenRoot.open(path, null);
  return root.runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
}

interface How {
  readonly by?: LocalScorers;
  readonly signal?: AbortSignal;
  /** Takes the words of progress. */
  readonly told?: string[];
}

async function compare(
  all: readonly Member[],
  limit: number,
  { by = scorers, signal = new AbortController().signal, told = [] }: How = {},
): Promise<GraphComparison> {
  return compareGraphs(all, {
    scorers: by,
    folder: model,
    options: { device: "cpu", threads: 1 },
    segmentation: undefined,
    limit,
    signal,
    onProgress: (graph, done) => told.push(`${graph} ${done}`),
  });
}

describe("graphs of one folder", () => {
  test("are held against the exact one: a copy agrees, and int8 is as far off as it is", async () => {
    lay({ "onnx/model_fp32.onnx": "exact", "model_int8.onnx": "int8", "reference.onnx": "exact" });
    const found = await compare(await members(50), 40);
    expect(found).toMatchObject({ column: "prm", level: "step", rollouts: 40, of: 50 });
    expect(found.own).toMatchObject({ graph: "model.onnx", path: model, id: "qwenPrm", device: "cpu" });
    const [copy, rounded] = found.others;
    expect(found.others.map(({ graph }) => graph)).toEqual(["onnx/model_fp32.onnx", "model_int8.onnx"]);
    expect(copy!.agreement).toMatchObject({
      compared: 120,
      onlyExact: 0,
      onlyOther: 0,
      largestDifference: 0,
      boundary: 0.5,
      boundaryFrom: "threshold",
      crossed: 0,
    });
    expect(verdictOf(copy!.agreement!).holds).toBe(true);
    // The weights are random, so that roundings do not cancel: 8 % of the spread.
    const distance = rounded!.agreement!.meanDifference / rounded!.agreement!.spread;
    expect(distance).toBeGreaterThan(0.02);
    expect(distance).toBeLessThan(0.2);
    expect(verdictOf(rounded!.agreement!).holds).toBe(false);
  });

  test("are compared from the cache where both have scored, by whichever program", async () => {
    lay({ "model_int8.onnx": "int8" });
    const all = await members(36);
    const first = await compare(all, 200);
    const other = make();
    const told: string[] = [];
    const again = await compare(all, 200, { by: other, told });
    // No model was loaded.
    expect(other.pids).toEqual([]);
    expect([again.own.device, again.others[0]!.device]).toEqual([null, null]);
    await other.dispose();
    expect(again.others[0]!.agreement).toEqual(first.others[0]!.agreement);
    expect([again.own.tokensPerSecond, again.others[0]!.tokensPerSecond]).toEqual([NaN, NaN]);
    expect(told).toEqual(["model.onnx 0", "model_int8.onnx 0"]);
  });

  test("that cannot be run, or say nothing, are told of and do not hold", async () => {
    lay({ "model_q8.onnx": "broken", "model_uint8.onnx": "exact" });
    const all = await members(36);
    const nothing = new Proxy(scorers, {
      get: (of, name) =>
        name === "open"
          ? async (path: string) => {
              const source = await of.open(path);
              return path.endsWith("_uint8.onnx") ? { ...source, cached: async () => [] } : source;
            }
          : (Reflect.get(of, name) as (...args: unknown[]) => unknown).bind(of),
    });
    const { others } = await compare(all, 200, { by: nothing });
    expect(others.map(({ graph }) => graph)).toEqual(["model_uint8.onnx", "model_q8.onnx"]);
    expect(others[0]!.agreement).toMatchObject({ compared: 0, onlyExact: 108, onlyOther: 0 });
    expect(verdictOf(others[0]!.agreement!).holds).toBe(false);
    expect(others[1]).toMatchObject({ agreement: null, device: null });
    expect(others[1]!.problem).toContain("model_q8.onnx: cannot be loaded");
  });

  test("are compared on rollouts from the whole log, and not at all where there is one or it is given up", async () => {
    lay({});
    const all = await members(10);
    await expect(compare(all, 5)).rejects.toThrow("holds one graph, model.onnx, and none to compare it with");
    lay({ "model_int8.onnx": "int8" });
    const { rollouts, of, others } = await compare(all, 5);
    expect([rollouts, of, others[0]!.agreement!.compared]).toEqual([5, 10, 15]);
    const source = await scorers.open(model);
    const texts = (await loadTrajectories(all)).map(({ trajectory }) =>
      scoreTextOf(trajectory, source.scorer, undefined),
    );
    const scored = texts.flatMap(({ item }, i) => (source.has(source.keyOf(item)) ? [i] : []));
    expect(scored).toEqual([0, 2, 4, 6, 8]);
    const given = AbortSignal.abort();
    await expect(compare(all, 10, { signal: given })).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("what is kept of a comparison", () => {
  const listed = (): Promise<readonly ModelChoice[]> => make().list([model]);

  test("offers the graphs that hold, behind their model, while nothing changes", async () => {
    lay({ "model_fp32.onnx": "exact", "model_int8.onnx": "int8" });
    expect(await listed()).toMatchObject([
      {
        id: "qwenPrm",
        folder: model,
        note: "Also there: model_fp32.onnx, model_int8.onnx; “Compare Graphs of Model…” says whether it scores as well.",
      },
    ]);
    await compare(await members(36), 200);
    const [own, copy, ...more] = await listed();
    expect(more).toEqual([]);
    expect(own!.note).toBe("Compared, and not found to score as well: model_int8.onnx.");
    expect(copy).toMatchObject({
      folder: join(model, "model_fp32.onnx"),
      id: "qwenPrm_fp32",
      label: "qwenPrm (fp32)",
      problem: "",
    });
    expect(copy!.note).toMatch(/^(\d\.\d × as fast, )?0 of 108 steps on the other side$/);
    const [chosen] = await make().list([join(model, "model_int8.onnx")]);
    expect(chosen).toMatchObject({ label: "qwenPrm (int8)", id: "qwenPrm_int8" });
    expect(chosen!.note).toMatch(/of 108 steps on the other side$/);
    appendFileSync(join(model, "model_fp32.onnx"), "x");
    expect((await listed()).map(({ note }) => note)).toEqual([
      "Also there: model_fp32.onnx; “Compare Graphs of Model…” says whether it scores as well. " +
        "Compared, and not found to score as well: model_int8.onnx.",
    ]);
  });

  test("is read by others, keeps a speed that was measured, and does no harm when it is damaged", async () => {
    lay({ "model_fp32.onnx": "exact" });
    const graphs = await scorers.graphs(join(model, "model_fp32.onnx"));
    expect(graphs).toMatchObject({
      folder: model,
      own: { graph: "model.onnx", path: model },
      threshold: 0.5,
    });
    const [other] = graphs.others;
    const agreement = scoreAgreement(
      new Float64Array(523).map((_, i) => i),
      new Float64Array(523).map((_, i) => i),
      NaN,
    );
    const kept = { level: "step", rollouts: 100, agreement, speedup: 2.11 } as const;
    await scorers.keepAgreement(graphs.own, other!, kept);
    await scorers.keepAgreement(graphs.own, other!, { ...kept, speedup: NaN });
    expect((await listed())[1]!.note).toBe("2.1 × as fast, 0 of 523 steps on the other side");
    const store = join(folder, "cache", "agreements");
    const [file, ...rest] = readdirSync(store);
    expect(rest).toEqual([]);
    for (const text of [
      "",
      "{",
      '{"schema":"rewardlens.agreement/1"}',
      '{"__proto__":{"schema":"rewardlens.agreement/1"}}',
    ]) {
      writeFileSync(join(store, file!), text);
      expect(await listed()).toHaveLength(1);
    }
    await scorers.keepAgreement(graphs.own, other!, kept);
    expect(await listed()).toHaveLength(2);
  });
});
