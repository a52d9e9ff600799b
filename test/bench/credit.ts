import { assemble, type Assembled } from "../../src/core/credit/assemble.ts";
import type { BatchMember } from "../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../src/core/credit/engine.ts";
import { infoOf } from "../../src/core/credit/columns.ts";
import { columnsOf, sourceOf } from "../../src/core/credit/missing.ts";
import { resolveParameters } from "../../src/core/credit/parameter.ts";
import { type AnyCreditMethod, methodOf } from "../../src/core/credit/registry.ts";
import { Row } from "../../src/core/credit/row.ts";
import { stepsOf } from "../../src/core/rollout/segment.ts";
import { textTrajectory, textTurn } from "../../src/core/rollout/textTrajectory.ts";
import { median } from "./median.mjs";

const rollouts = 1024;
const tokens = 4096;
const stepTokens = 64;
const repetitions = 7;

/** Passes over the batch's positions that a method's arithmetic needs, and why. */
const passes: Readonly<Record<string, readonly [number, string]>> = {
  grpo: [1, "the rollout's number at each of its tokens"],
  gae: [3, "backwards once; whitening: moments, then numbers"],
  pure: [1, "over steps; the step's number at each of its tokens"],
  tempo: [2, "the prefix tree, then numbers"],
};

/**
 * Credit of a batch of 1,024 × 4,096 tokens against the floor: a plain loop over Float64Arrays that only reads the columns
 * which the method reads, and writes those which it writes.
 */
export function benchCredit(): readonly string[] {
  const members = Array.from({ length: rollouts }, (_, r) => rolloutOf(r, tokens));
  const rows = ["grpo", "gae", "pure", "tempo"].map((id) => measured(id, members));
  return [
    `| ${rollouts} × ${tokens} tokens | floor | method | passes | ratio to the floor a pass (wanted 3) | with columns and credit of every rollout |`,
    "| --- | --: | --: | --- | --: | --: |",
    ...rows,
    "",
    ...tempoGrowth(),
  ];
}

function measured(id: string, members: readonly BatchMember[]): string {
  const method = methodOf(id)!;
  const { values } = resolveParameters(method, {});
  const rows = members.map(({ trajectory }) => new Row(trajectory, stepsOf));
  const groups = members.map(({ groupKey }) => groupKey);
  const assembled = assembledFor(method, rows, groups);
  const [floors, methods, wholes]: [number[], number[], number[]] = [[], [], []];
  const spread = new Float64Array(rollouts * tokens);
  for (let i = 0; i < repetitions; i++) {
    const lanes = lanesOf(method, assembled);
    floors.push(timed(() => floor(method, assembled, lanes, spread)));
    methods.push(
      timed(() => {
        method.run(
          { ...assembled.columns, ...assembled.input } as never,
          values as never,
          { ...lanes, add: () => new Float64Array(0), warn: () => {} } as never,
        );
        if (method.level !== "token") spreadOver(method, assembled, lanes["credit"]!, spread);
      }),
    );
    wholes.push(
      timed(() => {
        const run = makeBatch(members).credit(id, {});
        for (let r = 0; r < rollouts; r++) run.credit(r);
      }),
    );
  }
  const [count, why] = passes[id]!;
  const ratio = median(methods.map((ms, i) => ms / floors[i]! / count));
  const cells = [
    method.label,
    `${median(floors).toFixed(1)} ms`,
    `${median(methods).toFixed(1)} ms`,
    `${count}: ${why}`,
    ratio.toFixed(2),
    `${Math.round(median(wholes))} ms`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The columns a method reads by default, as the engine hands them over. */
function assembledFor(
  method: AnyCreditMethod,
  rows: readonly Row[],
  groups: readonly (string | null)[],
): Assembled {
  const { values } = resolveParameters(method, {});
  const optional = (method.uses ?? []).filter((name) => infoOf(name).level === "trajectory");
  const wanted = new Set([...columnsOf(method, values), ...optional]);
  const assembled = assemble(rows, groups, wanted, sourceOf(values));
  const unasked = Object.fromEntries((method.uses ?? []).map((name) => [name, null]));
  return { ...assembled, columns: { ...unasked, ...assembled.columns } };
}

/** Reads each float column the method reads, and writes each lane that is as long: nothing is computed. */
function floor(
  method: AnyCreditMethod,
  { input, columns }: Assembled,
  lanes: Readonly<Record<string, Float64Array>>,
  spread: Float64Array,
): void {
  const n = input.mask.length;
  const read = Object.values(columns).filter(
    (column): column is Float64Array => column instanceof Float64Array && column.length === n,
  );
  const written = Object.values(lanes).filter(({ length }) => length === n);
  if (method.level !== "token") written.push(spread);
  const mask = input.mask;
  for (let c = 0; c < Math.max(read.length, written.length); c++) {
    const from = read[c % Math.max(1, read.length)];
    const to = written[c] ?? written.at(-1)!;
    if (from === undefined) for (let t = 0; t < n; t++) to[t] = mask[t]!;
    else for (let t = 0; t < n; t++) to[t] = from[t]!;
  }
}

/** A rollout's, or a step's, number at each of its tokens. */
function spreadOver(
  method: AnyCreditMethod,
  { input }: Assembled,
  credit: Float64Array,
  out: Float64Array,
): void {
  const { positions, steps, stepEnd, nRollouts } = input;
  for (let r = 0; r < nRollouts; r++) {
    if (method.level === "trajectory") {
      out.fill(credit[r]!, positions[r], positions[r + 1]);
      continue;
    }
    let from = positions[r]!;
    for (let k = steps[r]!; k < steps[r + 1]!; k++) {
      out.fill(credit[k]!, from, stepEnd[k]! + 1);
      from = stepEnd[k]! + 1;
    }
  }
}

/** Time a token of the prefix tree while rollouts get longer: linear means that it stays. */
function tempoGrowth(): readonly string[] {
  const lengths = [1024, 2048, 4096, 8192];
  const nanoseconds = lengths.map((n) => {
    const members = Array.from({ length: 256 }, (_, r) => rolloutOf(r, n));
    const method = methodOf("tempo")!;
    const { values } = resolveParameters(method, {});
    const rows = members.map(({ trajectory }) => new Row(trajectory, stepsOf));
    const keys = members.map(({ groupKey }) => groupKey);
    const assembled = assembledFor(method, rows, keys);
    const times = Array.from({ length: repetitions }, () => {
      const lanes = lanesOf(method, assembled);
      return timed(() => {
        const input = { ...assembled.columns, ...assembled.input };
        method.run(
          input as never,
          values as never,
          { ...lanes, add: () => lanes["credit"]!, warn: () => {} } as never,
        );
      });
    });
    return (median(times) * 1e6) / (256 * n);
  });
  return [
    `| TEMPO, 256 rollouts of | ${lengths.map((n) => `${n} tokens`).join(" | ")} |`,
    `| --- | ${lengths.map(() => "--:").join(" | ")} |`,
    `| ns a token | ${nanoseconds.map((ns) => ns.toFixed(1)).join(" | ")} |`,
  ];
}

function lanesOf(method: AnyCreditMethod, { input }: Assembled): Record<string, Float64Array> {
  const lengths = {
    batch: 1,
    trajectory: input.nRollouts,
    turn: input.turnFrom.length,
    step: input.stepEnd.length,
    token: input.mask.length,
  };
  const infos = { credit: { level: method.level }, ...method.lanes };
  return Object.fromEntries(
    Object.entries(infos).map(([name, { level }]) => [name, new Float64Array(lengths[level]).fill(NaN)]),
  );
}

function rolloutOf(r: number, n: number): BatchMember {
  const column = (f: (t: number) => number): Float64Array => Float64Array.from({ length: n }, (_, t) => f(t));
  const nSteps = n / stepTokens;
  const turn = {
    ...textTurn("assistant", "x".repeat(n), -1),
    tokens: {
      n,
      start: Int32Array.from({ length: n }, (_, t) => t),
      end: Int32Array.from({ length: n }, (_, t) => t + 1),
      // Eight rollouts of a group part one after the other.
      ids: Int32Array.from({ length: n }, (_, t) => (t < (n / 8) * (r % 8) ? t % 1000 : (t * 7 + r) % 1000)),
      mask: new Uint8Array(n).fill(1),
      maskLogged: true,
      columns: new Map([
        ["values", column((t) => ((t * 13 + r) % 100) / 100)],
        ["rewards", column((t) => (t === n - 1 ? r % 2 : 0))],
      ]),
      extra: new Map(),
      spanSource: "offsets" as const,
    },
    steps: {
      n: nSteps,
      start: Int32Array.from({ length: nSteps }, (_, k) => k * stepTokens),
      end: Int32Array.from({ length: nSteps }, (_, k) => (k + 1) * stepTokens),
      source: "logged" as const,
      columns: new Map([
        ["reward", Float64Array.from({ length: nSteps }, (_, k) => ((k * 7 + r) % 10) / 10)],
      ]),
      extra: new Map(),
    },
  };
  const trajectory = { ...textTrajectory(`r${r}`, [turn]), group: `g${r >> 3}`, reward: r % 2 };
  return { trajectory, groupKey: `g${r >> 3}` };
}

function timed(fn: () => void): number {
  const started = performance.now();
  fn();
  return performance.now() - started;
}
