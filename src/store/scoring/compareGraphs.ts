import { mainNumbers } from "../../core/head/mainNumbers.ts";
import { scoreAgreement } from "../../core/head/scoreAgreement.ts";
import { scoreTextOf } from "../../core/head/scoreText.ts";
import { GrowingColumn } from "../../core/stats/growingColumn.ts";
import type { Segmentation } from "../../core/rollout/segment.ts";
import type {
  ComparedGraph,
  GraphComparison,
  ModelGraph,
  ModelGraphs,
  OtherGraph,
} from "../../protocol/graphComparison.ts";
import type { Device, LoadOptions, Scorers, ScoreSource } from "../../protocol/scorer.ts";
import { UserError } from "../../protocol/userError.ts";
import { loadTrajectories } from "../loadTrajectories.ts";
import type { Member } from "../runBatch.ts";
import { loadPatiently, scoreMembers, type ScoreWork } from "./scoreMembers.ts";

export interface ComparisonWork {
  readonly scorers: Scorers;
  /** A model's folder, or one of its graphs. */
  readonly folder: string;
  readonly options: LoadOptions;
  readonly segmentation: Segmentation | undefined;
  /** Rollouts that are scored. */
  readonly limit: number;
  readonly signal: AbortSignal;
  onProgress(this: void, graph: string, done: number, total: number): void;
}

/** Rollouts whose numbers are read at a time. */
const readAtOnce = 64;

/**
 * Scores rollouts with every graph of a model's folder and holds the numbers of its main column against those of its own
 * graph. What was scored before is not scored again. What came of it is kept.
 * @throws UserError `graphs/one` where there is nothing to compare; `cancelled`; what is wrong with the model's own graph
 */
export async function compareGraphs(
  members: readonly Member[],
  work: ComparisonWork,
): Promise<GraphComparison> {
  const graphs = await work.scorers.graphs(work.folder);
  if (graphs.others.length === 0)
    throw new UserError(
      "graphs/one",
      `${graphs.folder}: holds one graph, ${graphs.own.graph}, and none to compare it with. tools/export/quantize.py writes an int8 one beside it.`,
    );
  const taken = evenly(members, work.limit);
  const own = await scoreWith(graphs.own, taken, work);
  const others: OtherGraph[] = [];
  for (const graph of graphs.others) others.push(await compareWith(graph, own, { taken, work, graphs }));
  const [main] = own.source.scorer.columns;
  return {
    folder: graphs.folder,
    column: main!.name,
    level: main!.level,
    rollouts: taken.length,
    of: members.length,
    own: own.of,
    others,
  };
}

/** At equal distances, so that the beginning of a training does not stand for all of it. */
function evenly(members: readonly Member[], limit: number): readonly Member[] {
  const n = Math.min(limit, members.length);
  return Array.from({ length: n }, (_, i) => members[Math.floor((i * members.length) / n)]!);
}

/** A graph that has scored. */
interface Scored {
  readonly source: ScoreSource;
  readonly of: ComparedGraph;
}

async function scoreWith(
  graph: ModelGraph,
  members: readonly Member[],
  { scorers, options, segmentation, signal, onProgress }: ComparisonWork,
): Promise<Scored> {
  onProgress(graph.graph, 0, members.length);
  const speed = new Speed();
  const source = await scorers.open(graph.path);
  const work: ScoreWork = {
    source,
    options,
    segmentation,
    signal,
    onChunk: (_, { done, total, tokens }) => {
      speed.tell(tokens);
      onProgress(graph.graph, done, total);
    },
  };
  const device = (await isKept(members, work)) ? null : await scoreNow(members, work);
  return { source, of: { ...graph, id: source.scorer.id, device, tokensPerSecond: speed.tokensPerSecond } };
}

async function scoreNow(members: readonly Member[], work: ScoreWork): Promise<Device> {
  const loaded = await loadPatiently(work);
  await scoreMembers(members, work);
  // A GPU that was wrong about these texts has given way to the CPU.
  return (await work.source.load(work.options, work.signal).catch(() => loaded)).device;
}

/** Whether all scores are there, so that no model, which may be large, need be loaded. */
async function isKept(
  members: readonly Member[],
  { source, segmentation, signal }: ScoreWork,
): Promise<boolean> {
  for (let at = 0; at < members.length && !signal.aborted; at += readAtOnce)
    for (const { trajectory } of await loadTrajectories(members.slice(at, at + readAtOnce))) {
      const { item } = scoreTextOf(trajectory, source.scorer, segmentation);
      if (item.parts.length > 0 && !source.has(source.keyOf(item))) return false;
    }
  return !signal.aborted;
}

/** Milliseconds of computing that tell a speed: in less even equal graphs differ by a third. */
const shortestMs = 1000;

/** Tokens a second from the first word of computed ones on: what a model does before is starting. */
class Speed {
  #first: { readonly tokens: number; readonly at: number } | null = null;
  /** NaN where little or nothing was computed. */
  tokensPerSecond = NaN;

  /** @param tokens that were computed so far */
  tell(tokens: number): void {
    if (tokens === 0) return;
    const at = performance.now();
    this.#first ??= { tokens, at };
    const ms = at - this.#first.at;
    if (ms >= shortestMs) this.tokensPerSecond = (1000 * (tokens - this.#first.tokens)) / ms;
  }
}

/** A graph that cannot be used is an answer, too. */
async function compareWith(
  graph: ModelGraph,
  own: Scored,
  {
    taken,
    work,
    graphs,
  }: {
    readonly taken: readonly Member[];
    readonly work: ComparisonWork;
    readonly graphs: ModelGraphs;
  },
): Promise<OtherGraph> {
  try {
    const other = await scoreWith(graph, taken, work);
    const [exact, numbers] = await numbersOf(taken, [own.source, other.source], work.segmentation);
    const agreement = scoreAgreement(exact, numbers, graphs.threshold);
    await work.scorers.keepAgreement(graphs.own, graph, {
      level: own.source.scorer.columns[0]!.level,
      rollouts: taken.length,
      agreement,
      speedup: other.of.tokensPerSecond / own.of.tokensPerSecond,
    });
    return { ...other.of, agreement, problem: "" };
  } catch (error) {
    if (!(error instanceof UserError) || error.code === "cancelled") throw error;
    return {
      ...graph,
      id: graph.graph,
      device: null,
      tokensPerSecond: NaN,
      agreement: null,
      problem: error.message,
    };
  }
}

/** Main columns of two sources along each other. Of a rollout that one of them could not score it has NaN. */
async function numbersOf(
  members: readonly Member[],
  sources: readonly [ScoreSource, ScoreSource],
  segmentation: Segmentation | undefined,
): Promise<readonly [Float64Array, Float64Array]> {
  const columns = [new GrowingColumn(), new GrowingColumn()] as const;
  for (let at = 0; at < members.length; at += readAtOnce) {
    const loaded = await loadTrajectories(members.slice(at, at + readAtOnce));
    const ofEach = await Promise.all(sources.map((source) => numbersIn(loaded, source, segmentation)));
    for (let i = 0; i < loaded.length; i++) {
      const [a, b] = [ofEach[0]![i] ?? null, ofEach[1]![i] ?? null];
      const n = (a ?? b)?.length ?? 0;
      for (let k = 0; k < n; k++) {
        columns[0].push(a?.[k] ?? NaN);
        columns[1].push(b?.[k] ?? NaN);
      }
    }
  }
  return [columns[0].take(), columns[1].take()];
}

/** Numbers of each trajectory; null where nothing is kept of it. */
async function numbersIn(
  loaded: Awaited<ReturnType<typeof loadTrajectories>>,
  source: ScoreSource,
  segmentation: Segmentation | undefined,
): Promise<readonly (Float64Array | null)[]> {
  const { scorer } = source;
  const texts = loaded.map(({ trajectory }) => scoreTextOf(trajectory, scorer, segmentation));
  const kept = await source.cached(texts.map(({ item }) => source.keyOf(item)));
  return loaded.map(({ trajectory }, i) => {
    const scores = kept[i] ?? null;
    return scores === null
      ? null
      : mainNumbers(trajectory, texts[i]!.places, scores, { scorer, segmentation });
  });
}
