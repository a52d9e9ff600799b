import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Split, Trajectory } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { splitOfPath, stepOfFolder } from "../pathFacts.ts";
import { readTrace } from "./trace.ts";

type Json = Readonly<Record<string, unknown>>;

/** An Episode: the traces of one run of an environment, whole. */
export function isEpisode(record: Json): boolean {
  const traces = record["traces"];
  if (!Array.isArray(traces) || !isRecord(record["env"])) return false;
  return traces.length === 0
    ? "task" in record
    : traces.every((trace) => isRecord(trace) && Array.isArray(trace["nodes"]));
}

/** A Trace on a line of its own, as written from June to July 2026. */
export function isTrace(record: Json): boolean {
  const nodes = record["nodes"];
  return (
    Array.isArray(nodes) &&
    nodes.every((node) => isRecord(node) && isRecord(node["message"])) &&
    isRecord(record["rewards"]) &&
    "task" in record
  );
}

/** Trajectories of a line that is an episode or a trace. */
export function readEpisode(record: Json, place: RecordPlace): readonly Trajectory[] {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  if (!Array.isArray(record["traces"])) {
    const facts = factsOf(record, null, place);
    return readTrace(record, { ...facts, where: "", fallbackId: `L${place.line}`, episode: null, report });
  }
  const { traces, ...episode } = record;
  const list = traces as readonly unknown[];
  if (list.length === 0) return [failedEpisode(record, place)];
  return list.flatMap((trace, k) => {
    if (!isRecord(trace)) report("bad-field", `traces[${k}] is not an object; it is left out.`);
    if (!isRecord(trace)) return [];
    const facts = factsOf(record, trace, place);
    const fallbackId = list.length === 1 ? `L${place.line}` : `L${place.line}.${k}`;
    return readTrace(trace, { ...facts, where: `traces[${k}]`, fallbackId, episode, report });
  });
}

/** An episode that ended before any trace did: shown, but outside its group, as no rollout came of it. */
function failedEpisode(record: Json, place: RecordPlace): Trajectory {
  const { run, trainStep, split, answer } = factsOf(record, null, place);
  const { traces: _, ...episode } = record;
  const id = textOf(record["id"]);
  return {
    ...textTrajectory(id ?? `L${place.line}`, []),
    idLogged: id !== null,
    run,
    trainStep,
    split,
    answer,
    metadata: { episode },
  };
}

interface Facts {
  readonly run: string | null;
  readonly group: string | null;
  readonly trainStep: number | null;
  readonly split: Split;
  readonly answer: string | null;
}

/** What stands on the episode, before August 2026 on the trace, else in the names of the folders. */
function factsOf(record: Json, trace: Json | null, { path }: RecordPlace): Facts {
  const inner = trace ?? {};
  const group = objectOf(record["group"]) ?? objectOf(inner["group"]);
  const run = objectOf(record["run"]) ?? objectOf(inner["run"]);
  const work = objectOf(run?.["work"]);
  const task = objectOf(record["task"]) ?? objectOf(inner["task"]);
  const answer = (objectOf(task?.["data"]) ?? task)?.["answer"];
  const info = objectOf(inner["info"]);
  const type = work?.["type"] ?? run?.["type"] ?? info?.["kind"];
  const step = work?.["step"] ?? objectOf(info?.["dispatch"])?.["step"];
  return {
    run: textOf(run?.["id"]),
    group: textOf(group?.["id"] ?? record["group_id"] ?? inner["group_id"]),
    trainStep: Number.isSafeInteger(step) ? (step as number) : stepOfFolder(path),
    split: type === "eval" ? "validation" : type === "train" ? "train" : splitOfPath(path),
    answer: textOf(answer),
  };
}

function objectOf(value: unknown): Json | undefined {
  return isRecord(value) ? value : undefined;
}

function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}
