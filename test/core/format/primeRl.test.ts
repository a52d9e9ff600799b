import { expect, test } from "vitest";
import type { ByteSource, FileContext, Nearby, ScannedRecord } from "../../../src/core/format/format.ts";
import { primeRlStream } from "../../../src/core/format/formats/primeRlStream.ts";
import { primeRlTokens } from "../../../src/core/format/formats/primeRlTokens.ts";
import { verifiers } from "../../../src/core/format/formats/verifiers.ts";
import { joinTokens } from "../../../src/core/format/joinTokens.ts";
import { foldUpdates } from "../../../src/core/format/primeRl/fold.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { tokenKey } from "../../../src/core/format/tokenKey.ts";
import { headOfContent, idsOf, issuesOf, memorySource, scanAll } from "./memorySource.ts";

const exported = {
  schema_version: 1,
  step: 3,
  token_ids: [1, 2, 3, 4, 5],
  loss_mask: [false, false, false, true, true],
  advantages: [0, 0, 0, 0, 0.5],
  inference_logprobs: [0, 0, -0.5, 0, -0.25],
  trainer_logprobs: [0, -3, -0.5, -0.1, -0.2],
  mismatch_kl: [0, 0.5, 0, 0, 0.1],
  is_masked: [null, null, null, true, false],
  rl_weights: [null, null, null, null, null],
};

test("zeros outside the loss mask are filler, those inside are numbers", async () => {
  const [first] = await scanAll(primeRlTokens, JSON.stringify(exported), "token_exports/step_9/rank_0.jsonl");
  const [prompt, answer] = first!.trajectories[0]!.turns;
  expect([...prompt!.tokens!.columns]).toEqual([
    ["logprobs", new Float64Array([NaN, NaN, -0.5])],
    ["trainer_logprobs", new Float64Array([NaN, -3, -0.5])],
  ]);
  expect([...answer!.tokens!.columns]).toEqual([
    ["advantages", new Float64Array([0, 0.5])],
    ["logprobs", new Float64Array([0, -0.25])],
    ["trainer_logprobs", new Float64Array([-0.1, -0.2])],
    ["mismatch_kl", new Float64Array([0, 0.1])],
    ["is_masked", new Float64Array([1, 0])],
  ]);
  expect(first!.trajectories[0]!.trainStep).toBe(3);
  expect(first!.trajectories[0]!.metadata).toEqual({ complete: false });
});

test("a rollout's one reward at each token is its reward", async () => {
  const of = async (rewards: unknown): Promise<readonly [number, readonly string[]]> => {
    const records = await scanAll(primeRlTokens, JSON.stringify({ ...exported, rewards }));
    return [records[0]!.trajectories[0]!.reward, issuesOf(records)];
  };
  expect(await of([0.5, 0.5, null, 0.5, 0.5])).toEqual([0.5, []]);
  expect(await of([null, null, null, null, null])).toEqual([NaN, []]);
  expect(await of([0, 0, 0, 1, 1])).toEqual([NaN, ["bad-field:1"]]);
});

const node = (
  role: string,
  ids: readonly number[],
  parent: number | null,
  mask: readonly boolean[],
): unknown => ({
  parent,
  message: { role, content: role },
  sampled: role === "assistant",
  token_ids: ids,
  mask,
});
const nodes = [
  node("user", [1, 2], null, [false, false]),
  node("assistant", [3, 4, 5], 0, [false, true, true]),
  node("tool", [], 1, []),
  node("assistant", [6], 2, [true]),
  node("assistant", [7, 8], 0, [true, true]),
];
const trace = { id: "t", agent: { name: "a" }, nodes, rewards: {}, metrics: {}, info: { kind: "train" } };
const episode = { id: "e", env: { id: "x" }, task: {}, traces: [trace] };

test("an exported sequence is joined to the trace with the same ids", async () => {
  const [ours] = await scanAll(
    verifiers,
    JSON.stringify({ ...episode, traces: [{ ...trace, nodes: nodes.slice(0, 2) }] }),
  );
  const [theirs] = await scanAll(primeRlTokens, JSON.stringify(exported));
  const [rollout, export_] = [ours!.trajectories[0]!, theirs!.trajectories[0]!];
  expect(tokenKey(rollout)).toBe(tokenKey(export_));
  const [prompt, answer] = joinTokens(rollout, export_).turns;
  expect([...prompt!.tokens!.columns]).toEqual([["trainer_logprobs", new Float64Array([NaN, -3])]]);
  expect(answer!.content).toBe("assistant");
  expect(answer!.tokens!.columns.get("advantages")).toEqual(new Float64Array([NaN, 0, 0.5]));
});

function fold(branch: Readonly<Record<string, unknown>>, more: readonly unknown[] = []): readonly unknown[] {
  const updates = [{ info: {}, branches: [branch] }, ...more] as Record<string, unknown>[];
  const { nodes: folded } = foldUpdates(trace, updates) as { readonly nodes: Record<string, unknown>[] };
  return folded.map(({ advantages, is_masked: masked }) => advantages ?? masked ?? null);
}

test("a stream is put on the nodes of its branch that it covers", () => {
  expect(fold({ index: 0, advantages: [0, 0, 0, 0.5, 0.25, 1] })).toEqual([
    null,
    [0.5, 0.25],
    null,
    [1],
    null,
  ]);
  expect(fold({ index: 1, advantages: [0, 0, 3, 4] })).toEqual([null, null, null, null, [3, 4]]);
  // Cut off inside the last node, and with a gap in the first.
  expect(fold({ index: 0, advantages: [0, 0, 0, 0.5, 0.25] })).toEqual([null, [0.5, 0.25], null, null, null]);
  expect(fold({ index: 0, advantages: [null, null, null, 0.5, null, 1] })).toEqual([
    null,
    null,
    null,
    [1],
    null,
  ]);
  expect(fold({ index: 2, advantages: [1, 1, 1, 1] })).toEqual([null, null, null, null, null]);
  expect(fold({ index: 0, advantages: "x" })).toEqual([null, null, null, null, null]);
});

test("masks of several losses keep their gaps; one without a value says nothing", () => {
  expect(fold({ index: 0, is_masked: [null, null, null, true, null, null] })).toEqual([
    null,
    [true, null],
    null,
    null,
    null,
  ]);
});

test("the last update wins, and facts are merged at every depth", () => {
  const last = { info: {}, branches: [{ index: 0, advantages: [0, 0, 0, -1, -1] }] };
  expect(fold({ index: 0, advantages: [0, 0, 0, 0.5, 0.25, 1] }, [last])).toEqual([
    null,
    [-1, -1],
    null,
    [1],
    null,
  ]);
  const updates = [
    { info: JSON.parse('{"ship":{"step":3},"__proto__":{"polluted":1}}') as unknown },
    { info: { ship: { time: 5 }, kind: "eval" } },
  ];
  const { info } = foldUpdates(trace, updates);
  expect(info).toEqual({ kind: "eval", ship: { step: 3, time: 5 }, ["__proto__"]: { polluted: 1 } });
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

/** Files beside a stream. */
function near(files: Readonly<Record<string, string>>): Nearby {
  return {
    open: (path) => Promise.resolve(Object.hasOwn(files, path) ? memorySource(files[path]!) : null),
    list: (folder) =>
      Promise.resolve(
        Object.keys(files)
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1))
          .filter((name) => !name.includes("/")),
      ),
  };
}

async function scan(file: FileContext, source: ByteSource): Promise<readonly ScannedRecord[]> {
  const records: ScannedRecord[] = [];
  for await (const record of primeRlStream.scan(source, file, {})) records.push(record);
  return records;
}

test("an index that lies, and updates that are torn or another trace's, cost only what they say", async () => {
  const update = (id: string, advantage: number): string =>
    JSON.stringify({ trace_id: id, info: { advantage }, branches: [] });
  const [good, alien, torn] = [update("t", 1), update("u", 2), update("t", 3)];
  const stream = `${good}\n${alien}\n${torn}`;
  const [second, third] = [good.length + 1, good.length + alien.length + 2];
  const row = (offset: unknown): string => JSON.stringify({ trace_id: "t", offset });
  const rows = [row(0), row(0), "{", row(second), row(1), row(-4), row("9"), row(third), row(10 ** 9)];
  const file: FileContext = {
    path: "r/traces/stream.jsonl",
    near: near({
      "annotations/orchestrator.index.jsonl": `${rows.join("\n")}\n`,
      "annotations/orchestrator.jsonl": stream,
      "annotations/trainer.index.jsonl": `${JSON.stringify({ trace_id: "t", chunk: 4, offset: 0 })}\n`,
    }),
  };
  const [first] = await scan(file, memorySource(`${JSON.stringify(episode)}\n`));
  expect(first!.issues).toEqual([]);
  expect(first!.trajectories[0]!.extra.get("info")).toEqual({ kind: "train", advantage: 1 });
});

test("a chunk that is not sealed to its end is one issue, and no record", async () => {
  const file: FileContext = { path: "r/traces/stream/00000.jsonl.zst", near: near({}) };
  const source = memorySource(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]));
  const records = await scan(file, source);
  expect([idsOf(records), issuesOf(records)]).toEqual([[], ["damaged:1"]]);
  expect(await primeRlStream.load(source, file, [{ from: 3, to: 9, line: 2 }])).toMatchObject([
    { locator: { from: 3, to: 9, line: 2 }, trajectories: [] },
  ]);
});

test("streams are told by their names, exports by what they hold", async () => {
  const idOf = async (record: unknown, path: string): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(record), path))?.id;
  expect(await idOf(episode, "run/monitors/file/traces/stream.jsonl")).toBe("primeRlStream");
  expect(await idOf(episode, "run/monitors/file/traces/stream/00012.jsonl")).toBe("primeRlStream");
  expect(await idOf(episode, "run/traces.jsonl")).toBe("verifiers");
  expect(
    await idOf({ line: 1, offset: 0, id: "e", trace_ids: ["t"] }, "traces/stream.jsonl"),
  ).toBeUndefined();
  expect(await idOf({ trace_id: "t", info: {}, branches: [] }, "annotations/t.jsonl")).toBeUndefined();
  expect(await idOf(exported, "x.jsonl")).toBe("primeRlTokens");
});
