// The scorer against onnxruntime called directly over the same batches, and the host's time while it works.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Device, LoadOptions, ScoreSource } from "../../src/protocol/scorer.ts";
import { UserError } from "../../src/protocol/userError.ts";
import { ModelError } from "../../src/scorer/runtime/runtime.ts";
import { LocalScorers } from "../../src/scorerClient/localScorers.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import type { Member } from "../../src/store/runBatch.ts";
import { scoreMembers } from "../../src/store/scoring/scoreMembers.ts";
import { Workbench } from "../workbench/harness/workbench.ts";
import { makeWorkspace, repository } from "../workbench/harness/workspace.ts";
import { median } from "./median.mjs";
import { type HostTime, probeExtension } from "./probe.ts";
import { type BenchModel, bundled, makeDecoders } from "./scorer/benchModel.ts";
import { direct, type Loop, matrixRate, type Speed } from "./scorer/direct.ts";
import { torchSpeed } from "./scorer/torch.ts";
import { decoderLog, promptLog, writeLog } from "./scorer/logs.ts";

const repetitions = Number(process.env["REWARDLENS_BENCH_REPETITIONS"] ?? 5);
/** What the scorer runs on: `cpu`, or a GPU's provider as the setting `rewardLens.scorer.device` names it. */
const device = (process.env["REWARDLENS_BENCH_DEVICE"] ?? "cpu") as Device;
/** Of the bundled model; the larger one reads six for a hundred of them. Fewer for a device that is slow. */
const rollouts = Number(process.env["REWARDLENS_BENCH_ROLLOUTS"] ?? 800);
const cores = Math.max(1, Math.min(4, availableParallelism()));

async function membersOf(log: string): Promise<readonly Member[]> {
  const root = await OpenRoot.open(log, null);
  return root.runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
}

/** What is measured in turn, several times: each by its name, all in one run. */
class Rounds {
  readonly #runs: readonly (readonly [name: string, run: () => Promise<number>])[];
  readonly #values = new Map<string, number[]>();

  constructor(runs: readonly (readonly [name: string, run: () => Promise<number>])[]) {
    this.#runs = runs;
  }

  async go(): Promise<void> {
    for (let k = 0; k < repetitions; k++)
      for (const [name, run] of this.#runs)
        this.#values.set(name, [...(this.#values.get(name) ?? []), await run()]);
  }

  median(name: string): number {
    return median(this.#values.get(name)!);
  }

  /** Median of the ratios of each round. */
  ratio(name: string, base: string): string {
    const bases = this.#values.get(base)!;
    return median(this.#values.get(name)!.map((value, k) => value / bases[k]!)).toFixed(2);
  }
}

const rate = ({ tokens, seconds }: Speed): number => tokens / seconds;
const show = (value: number): string => Math.round(value).toLocaleString("en-US");

/** Scorers with processes that are ready; every run has a cache of its own. */
class Bench {
  readonly #folder: string;
  #caches = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** From the log on the disk to kept scores: reading, tokenising, the processes' pipes, the cache. */
  async whole(model: BenchModel, members: readonly Member[], options: LoadOptions): Promise<Speed> {
    const scorers = this.#scorers();
    try {
      const source = await scorers.open(model.folder);
      await warm(source, options, model.warming);
      const started = performance.now();
      const work = {
        source,
        options,
        segmentation: undefined,
        signal: new AbortController().signal,
        onChunk: () => {},
      };
      const { tokens } = await scoreMembers(members, work);
      return { tokens, seconds: (performance.now() - started) / 1000 };
    } finally {
      await scorers.dispose();
    }
  }

  #scorers(): LocalScorers {
    return new LocalScorers({
      scorerFile: join(repository, "dist", "scorer.cjs"),
      cacheFolder: join(this.#folder, `cache-${this.#caches++}`),
      log: (line) => console.error(line),
    });
  }
}

/** All processes are started and have run once: starting them is no part of a rate. */
async function warm(source: ScoreSource, options: LoadOptions, perProcess: number): Promise<void> {
  const signal = new AbortController().signal;
  await source.load(options, signal);
  const item = (i: number) => {
    const part = {
      kind: "turn",
      role: "assistant",
      turn: 1,
      text: "Then 1 + 1 = 2. ".repeat(40),
      ids: null,
    } as const;
    return { prompt: `${i}`, before: [], parts: [part], answer: null };
  };
  const items = Array.from({ length: perProcess * options.threads }, (_, i) => item(i));
  await source.score(items, options, signal);
}

async function speedsOf(model: BenchModel, members: readonly Member[], bench: Bench): Promise<string[]> {
  return device === "cpu" ? cpuSpeedsOf(model, members, bench) : gpuSpeedsOf(model, members, bench);
}

/** A row of a table of tokens a second, with its ratios to other rows. */
const rowOf = (rounds: Rounds, name: string, what: string, ...against: readonly string[]): string =>
  `| ${what} | ${show(rounds.median(name))} | ${against.map((base) => `${rounds.ratio(name, base)} of (${base})`).join(", ")} |`;

const headOf = (model: BenchModel, members: readonly Member[]): string[] => [
  `| ${model.name}, ${members.length} rollouts | tokens/s | ratio |`,
  "| --- | --: | --: |",
];

async function cpuSpeedsOf(model: BenchModel, members: readonly Member[], bench: Bench): Promise<string[]> {
  const loops = {
    one: await direct(model, members, { threads: 1 }),
    each: await direct(model, members, { threads: 1, isOneByOne: true }),
    several: await direct(model, members, { threads: cores }),
  };
  const matrices = await matrixRate();
  const torch = torchOf(model, loops.one, 1);
  const rounds = new Rounds([
    ["a", async () => rate(await loops.one.run())],
    ["b", async () => rate(await loops.each.run())],
    ["session", async () => rate(await loops.several.run())],
    ["c", matrices],
    ...torch.runs,
    ["scorer", async () => rate(await bench.whole(model, members, { device, threads: 1 }))],
    ["pool", async () => rate(await bench.whole(model, members, { device, threads: cores }))],
  ]);
  await rounds.go();
  for (const loop of Object.values(loops)) await loop.release();
  const share = (rounds.median("scorer") * model.operations) / rounds.median("c");
  const bases = ["a", "b", ...torch.runs.map(([name]) => name)];
  return [
    ...headOf(model, members),
    rowOf(rounds, "a", "(a) onnxruntime-node in a plain loop over the batches, 1 thread"),
    rowOf(rounds, "b", "(b) the same, one by one, unbatched", "a"),
    ...torch.rows(rounds),
    rowOf(rounds, "scorer", "scorer, 1 process of 1 thread, from the log to kept scores", ...bases),
    rowOf(rounds, "session", `(session) onnxruntime-node in a plain loop, ${cores} threads`, "a"),
    rowOf(rounds, "pool", `scorer, ${cores} processes of 1 thread`, "session"),
    `| (c) product of matrices, 1 thread: ${(rounds.median("c") / 1e9).toFixed(0)} GFLOP/s | | scorer: ${(100 * share).toFixed(0)} % of (c) |`,
    "",
  ];
}

/** The same on a GPU, beside the CPU with all its cores. */
async function gpuSpeedsOf(model: BenchModel, members: readonly Member[], bench: Bench): Promise<string[]> {
  const loops = {
    batches: await direct(model, members, { threads: 1, device }),
    each: await direct(model, members, { threads: 1, device, isOneByOne: true }),
  };
  const torch = torchOf(model, loops.batches, cores);
  const rounds = new Rounds([
    ["a", async () => rate(await loops.batches.run())],
    ["b", async () => rate(await loops.each.run())],
    ...torch.runs,
    ["scorer", async () => rate(await bench.whole(model, members, { device, threads: 1 }))],
    ["cpu", async () => rate(await bench.whole(model, members, { device: "cpu", threads: cores }))],
  ]);
  await rounds.go();
  for (const loop of Object.values(loops)) await loop.release();
  const bases = ["a", "b", ...torch.runs.map(([name]) => name), "cpu"];
  return [
    ...headOf(model, members),
    rowOf(rounds, "a", `(a) onnxruntime-node in a plain loop over the batches, ${device}`),
    rowOf(rounds, "b", "(b) the same, one by one, unbatched", "a"),
    ...torch.rows(rounds),
    rowOf(rounds, "cpu", `(cpu) scorer, ${cores} processes of 1 thread on the CPU`),
    rowOf(rounds, "scorer", `scorer, ${device}, from the log to kept scores`, ...bases),
    "",
  ];
}

/** A part of a table: what is measured, and its rows. */
interface Part {
  readonly runs: readonly (readonly [name: string, run: () => Promise<number>])[];
  readonly rows: (rounds: Rounds) => readonly string[];
}

/** PyTorch's part of a table: none where it cannot make the model, a row that says why where it is not there. */
function torchOf(model: BenchModel, loop: Loop, threads: number): Part {
  const shape = model.decoder;
  if (shape === null) return { runs: [], rows: () => [] };
  const first = torchSpeed(shape, loop, { device, threads });
  if (typeof first === "string") return { runs: [], rows: () => [`| PyTorch | ${first} | |`] };
  const again = async (): Promise<number> => {
    const speed = torchSpeed(shape, loop, { device, threads });
    if (typeof speed === "string") throw new Error(speed);
    return speed.tokensPerSecond;
  };
  return {
    runs: [["torch", again]],
    rows: (rounds: Rounds) => [rowOf(rounds, "torch", `(torch) ${first.name}, the same batches`, "a")],
  };
}

/** Sixteen rollouts of one prompt that is as long as the answer, and of sixteen that differ in their first letter. */
async function sharingOf(model: BenchModel, folder: string, bench: Bench): Promise<string[]> {
  const logs = [true, false].map((isShared) => {
    const log = join(folder, `${isShared ? "one" : "many"}.jsonl`);
    promptLog(log, isShared);
    return log;
  });
  const [one, many] = [await membersOf(logs[0]!), await membersOf(logs[1]!)];
  const rounds = new Rounds([
    ["with", async () => rate(await bench.whole(model, one, { device, threads: 1 }))],
    ["without", async () => rate(await bench.whole(model, many, { device, threads: 1 }))],
  ]);
  await rounds.go();
  return [
    `| ${model.name}, 16 rollouts, prompts of 512 tokens, answers of 512 | tokens/s |`,
    "| --- | --: |",
    `| 16 prompts | ${show(rounds.median("without"))} |`,
    `| one prompt, computed once | ${show(rounds.median("with"))} |`,
    `| ratio (wanted 1.6; 1.88 at most) | ${rounds.ratio("with", "without")} |`,
    "",
  ];
}

async function int8Of(
  { float, int8 }: { readonly float: BenchModel; readonly int8: BenchModel | string },
  members: readonly Member[],
  bench: Bench,
): Promise<string[]> {
  if (typeof int8 === "string") return [`int8: ${int8}`, ""];
  const rounds = new Rounds([
    ["float", async () => rate(await bench.whole(float, members, { device, threads: 1 }))],
    ["int8", async () => rate(await bench.whole(int8, members, { device, threads: 1 }))],
  ]);
  await rounds.go();
  return [
    `| ${members.length} rollouts, 1 process of 1 thread | tokens/s |`,
    "| --- | --: |",
    `| ${float.name} | ${show(rounds.median("float"))} |`,
    `| ${int8.name} (weights by column, activations as they come) | ${show(rounds.median("int8"))} |`,
    `| ratio | ${rounds.ratio("int8", "float")} |`,
  ];
}

/** A table, or why there is none: the others are measured all the same. */
async function orWhyNot(table: Promise<string[]>): Promise<string[]> {
  return table.catch((error: unknown) => {
    if (error instanceof UserError || error instanceof ModelError)
      return [`not measured: ${error.message}`, ""];
    throw error;
  });
}

/** @param print is given lines for docs/performance.md as they are measured: the whole takes a quarter of an hour */
export async function benchScorer(print: (lines: readonly string[]) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rewardlens-scorer-"));
  const bench = new Bench(folder);
  try {
    const log = join(folder, "log.jsonl");
    writeLog(log, rollouts);
    print(await orWhyNot(speedsOf(bundled, await membersOf(log), bench)));
    const decoders = makeDecoders(folder);
    if (typeof decoders === "string") return print([`50 M parameters: ${decoders}`]);
    const texts = join(folder, "decoder.jsonl");
    decoderLog(texts, Math.ceil(rollouts * 0.06));
    const members = await membersOf(texts);
    print(await orWhyNot(sharingOf(decoders.float, folder, bench)));
    print(await orWhyNot(speedsOf(decoders.float, members, bench)));
    print(await orWhyNot(int8Of(decoders, members, bench)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of a measurement, and how many there are. */
const [windowMs, windows] = [6000, 3];

/**
 * Share of time the extension host's thread is busy, idle and while rollouts are scored. By the clock its loop is also busy
 * while another process has the core: here two cores carry the browser, the server and the scorer too.
 */
export async function benchHostWhileScoring(): Promise<string[]> {
  const workspace = makeWorkspace();
  const temporary = mkdtempSync(join(tmpdir(), "rewardlens-probe-"));
  const measured = join(temporary, "measured.json");
  writeLog(join(workspace.folder, "many.jsonl"), 24_000);
  // The workbench's own search for open ports takes the host's time whether anything is scored or not.
  mkdirSync(join(workspace.folder, ".vscode"), { recursive: true });
  writeFileSync(
    join(workspace.folder, ".vscode/settings.json"),
    JSON.stringify({ "remote.autoForwardPorts": false }),
  );
  const probe = probeExtension(join(temporary, "probe"), measured);
  const workbench = await Workbench.open({
    workspace: workspace.folder,
    vsix: workspace.vsix,
    more: [probe],
  });
  const measure = async (): Promise<HostTime> => {
    await workbench.palette("Probe: Start Measuring");
    await workbench.page.waitForTimeout(windowMs);
    rmSync(measured, { force: true });
    await workbench.palette("Probe: Write Measurements");
    return workbench.until(
      async () => (JSON.parse(readFileSync(measured, "utf8")) as { host: HostTime }).host,
      "measurements",
    );
  };
  const row = async (title: string): Promise<string> => {
    const times: HostTime[] = [];
    for (let i = 0; i < windows; i++) times.push(await measure());
    const cells = (["own", "waiting", "byClock"] as const).map((kind) =>
      times.map((time) => (100 * time[kind]).toFixed(1)).join(", "),
    );
    return `| ${title} | ${cells.map((cell) => `${cell} %`).join(" | ")} |`;
  };
  try {
    await workbench.palette("RewardLens: Open Rollouts…");
    await workbench.pick("many.jsonl");
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.startsWith("step ")),
      "tree",
    );
    await workbench.expandRow("step 0");
    await workbench.expandRow("Box 0 gets");
    await workbench.clickRow("rollout 1");
    await workbench.until(async () => (await workbench.marks()).length > 0, "numbers");
    await workbench.page.waitForTimeout(3000);
    const idle = await row("idle, a trace shown");
    await workbench.palette("RewardLens: Re-score with Model…");
    await workbench.pick("Arithmetic starter");
    await workbench.until(
      async () => /of 24,000/.test((await workbench.notifications()).join(" ")),
      "progress",
    );
    const scoring = await row("while scoring");
    if (!/\d of 24,000 rollouts on/.test((await workbench.notifications()).join(" ")))
      throw new Error("The scoring ended before the measurement did: take a longer log.");
    return [
      `| extension host, ${windows} times ${windowMs / 1000} s | its thread's own time | waiting for a core | its loop busy by the clock |`,
      "| --- | --: | --: | --: |",
      idle,
      scoring,
    ];
  } finally {
    await workbench.close();
    workspace.remove();
    rmSync(temporary, { recursive: true, force: true });
  }
}
