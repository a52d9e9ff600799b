import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Split, Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { branchesOf } from "./graph.ts";
import { readNode, type Seat } from "./node.ts";
import { readRewards } from "./reward.ts";

type Report = RecordPlace["report"];

/** What a trace gets from the episode and the file it is in. */
export interface TraceContext {
  readonly where: string;
  /** Name where the trace has no id. */
  readonly fallbackId: string;
  readonly run: string | null;
  readonly group: string | null;
  readonly trainStep: number | null;
  readonly split: Split;
  readonly answer: string | null;
  /** The episode around it, without its traces; null where the trace is the record. */
  readonly episode: Readonly<Record<string, unknown>> | null;
  readonly report: Report;
}

/** A trace as a trajectory per branch of its message graph. Nodes that branches share are the same turns. */
export function readTrace(
  record: Readonly<Record<string, unknown>>,
  context: TraceContext,
): readonly Trajectory[] {
  const { where, report } = context;
  const fields = new Fields(record, where, report);
  const prefix = where === "" ? "" : `${where}.`;
  // An empty name is none.
  const id = fields.key("id") || null;
  const seat = seatOf(record["agent"]);
  const nodes = fields.list("nodes") ?? [];
  const branches = branchesOf(nodes, { where: `${prefix}nodes`, report });
  const turns = new Map<number, Turn>();
  const turnOf = (node: number, depth: number): Turn => {
    const known = turns.get(node);
    if (known !== undefined) return known;
    const turn = readTurn(nodes[node], { where: `${prefix}nodes[${node}]`, parent: depth - 1, seat, report });
    turns.set(node, turn);
    return turn;
  };
  const { reward, scores, weights } = readRewards(fields);
  const truncated = truncationOf(record);
  const base: Trajectory = {
    ...textTrajectory(id ?? context.fallbackId, []),
    idLogged: id !== null,
    run: context.run,
    // A frozen seat (a judge, an opponent) is compared with no one: it is outside the group of those that learn.
    group: seat.trainable ? context.group : null,
    groupSource: seat.trainable && context.group !== null ? "explicit" : "none",
    trainStep: context.trainStep,
    split: context.split,
    reward,
    rewards: scores,
    truncated,
    answer: context.answer,
    metadata: metadataOf(context.episode, weights),
    extra: fields.rest(),
  };
  if (branches.length === 0) return [base];
  return branches.map(({ leaf, path }) => ({
    ...base,
    id: branches.length === 1 ? base.id : `${base.id}#${leaf}`,
    turns: path.map(turnOf),
  }));
}

function readTurn(node: unknown, place: Parameters<typeof readNode>[1]): Turn {
  if (isRecord(node)) return readNode(node, place);
  place.report("bad-field", `${place.where} is not an object; the turn is shown empty.`);
  return textTurn("unknown", "", place.parent);
}

function seatOf(agent: unknown): Seat {
  const { name, trainable } = isRecord(agent) ? agent : {};
  return { name: typeof name === "string" ? name : null, trainable: trainable !== false };
}

/** Stops that verifiers counts as truncation (`Trace.is_truncated`, over its versions). */
const truncatingStops: ReadonlySet<unknown> = new Set([
  "max_turns",
  "max_input_tokens",
  "max_output_tokens",
  "max_total_tokens",
  "context_length",
  "compaction_failed",
]);

/** A limit stopped it, or the last call that succeeded ran out of length; null where nothing tells. */
function truncationOf(record: Readonly<Record<string, unknown>>): boolean | null {
  const stop = record["stop_condition"];
  if (truncatingStops.has(stop)) return true;
  const calls = record["calls"];
  const last = Array.isArray(calls)
    ? calls.findLast((call: unknown) => isRecord(call) && (call["error"] ?? null) === null)
    : undefined;
  const finish: unknown = isRecord(last) ? last["finish_reason"] : undefined;
  if (typeof finish === "string") return finish === "length";
  return typeof stop === "string" ? false : null;
}

function metadataOf(
  episode: Readonly<Record<string, unknown>> | null,
  weights: Readonly<Record<string, number>> | null,
): unknown {
  const metadata = {
    ...(episode === null ? {} : { episode }),
    ...(weights === null ? {} : { reward_weights: weights }),
  };
  return Object.keys(metadata).length === 0 ? undefined : metadata;
}
