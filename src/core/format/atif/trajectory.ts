import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { type AtifFiles, referencesOf } from "./files.ts";
import { readStep } from "./step.ts";
import { readCallTokens, TokenPlacer } from "./tokens.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

export function isAtif(record: Json): boolean {
  const { schema_version: version } = record;
  return typeof version === "string" && version.startsWith("ATIF-v") && Array.isArray(record["steps"]);
}

interface AtifPlace {
  /** Where the document has no id. */
  readonly id: string;
  readonly files: AtifFiles;
  readonly report: Report;
}

/**
 * An ATIF document with its continuations as a trajectory, and those of its sub-agents as further ones, `ID#SUB`. The
 * first is the document's own.
 */
export function readAtif(document: Json, place: AtifPlace): readonly [Trajectory, ...Trajectory[]] {
  const seen = new Set<string>();
  return readDocument(document, { ...place, where: "", seen });
}

interface DocumentPlace extends AtifPlace {
  /** Path of the document, for messages. */
  readonly where: string;
  /** Names of the files that were read: none is read twice. */
  readonly seen: Set<string>;
}

function readDocument(document: Json, place: DocumentPlace): [Trajectory, ...Trajectory[]] {
  const { where, report, files, seen } = place;
  const fields = new Fields(document, where, report);
  checkVersion(fields.text("schema_version"), report);
  const logged = fields.key("trajectory_id") ?? fields.key("session_id");
  const id = where === "" ? (logged ?? place.id) : place.id;
  const agent = fields.object("agent") ?? {};
  const subagents: Trajectory[] = [];
  const turns: Turn[] = [];
  const placer = new TokenPlacer();
  let metrics = fields.object("final_metrics");
  let next = fields.text("continued_trajectory_ref");
  readSteps(fields.list("steps") ?? [], {
    ...place,
    id,
    turns,
    placer,
    subagents,
    where: path(where, "steps"),
  });
  const inside = fields.list("subagent_trajectories") ?? [];
  for (const [k, sub] of inside.entries())
    if (isRecord(sub))
      subagents.push(
        ...readSub(sub, `${k}`, { ...place, id, where: path(where, `subagent_trajectories[${k}]`) }),
      );
  while (next !== null && !seen.has(next)) {
    seen.add(next);
    const file = files.get(next);
    for (const { code, message } of file?.problems ?? []) report(code, message);
    if (file === undefined) {
      report(
        "bad-field",
        `${path(where, "continued_trajectory_ref")} names ${JSON.stringify(next.slice(0, 80))}, which is not beside the file; what follows is missing.`,
      );
      break;
    }
    const more = new Fields(file.record ?? {}, next, report);
    readSteps(more.list("steps") ?? [], { ...place, id, turns, placer, subagents, where: `${next}: steps` });
    for (const [k, sub] of (more.list("subagent_trajectories") ?? []).entries())
      if (isRecord(sub))
        subagents.push(
          ...readSub(sub, `${k}`, { ...place, id, where: `${next}: subagent_trajectories[${k}]` }),
        );
    metrics = more.object("final_metrics") ?? metrics;
    next = more.text("continued_trajectory_ref");
  }
  const whole: Trajectory = {
    ...textTrajectory(id, turns),
    idLogged: logged !== null,
    metadata: { agent: { ...agent }, ...(metrics === null ? {} : { final_metrics: metrics }) },
    extra: fields.rest(),
  };
  return [whole, ...subagents];
}

interface StepsPlace extends DocumentPlace {
  readonly turns: Turn[];
  readonly placer: TokenPlacer;
  readonly subagents: Trajectory[];
}

function readSteps(steps: readonly unknown[], { turns, placer, ...place }: StepsPlace): void {
  for (const [k, step] of steps.entries()) {
    const where = `${place.where}[${k}]`;
    if (!isRecord(step)) place.report("bad-field", `${where} is not an object and is left out.`);
    // What a continuation or a sub-agent was given of an earlier trajectory is no step of its own.
    if (!isRecord(step) || step["is_copied_context"] === true) continue;
    const { own, observed, metrics } = readStep(step, {
      where,
      parent: turns.length - 1,
      report: place.report,
    });
    turns.push(own);
    if (metrics !== null && own.trainable)
      placer.place(turns, turns.length - 1, readCallTokens(metrics, `${where}.metrics`, place.report));
    turns.push(...observed);
    readReferences(step, { ...place, where });
  }
}

/** Sub-agents that a step points at in files of their own. */
function readReferences(step: Json, place: Omit<StepsPlace, "turns" | "placer">): void {
  const observation = isRecord(step["observation"]) ? step["observation"] : {};
  const results = Array.isArray(observation["results"]) ? (observation["results"] as unknown[]) : [];
  for (const { trajectory_path: name } of results.flatMap(referencesOf)) {
    const file = typeof name === "string" && !place.seen.has(name) ? place.files.get(name) : undefined;
    if (typeof name !== "string" || file === undefined) continue;
    place.seen.add(name);
    for (const { code, message } of file.problems) place.report(code, message);
    if (file.record !== null) place.subagents.push(...readSub(file.record, name, { ...place, where: name }));
  }
}

/** @param fallback what tells it from others where it has no id */
function readSub(document: Json, fallback: string, place: DocumentPlace): readonly Trajectory[] {
  const { trajectory_id: own, session_id: session } = document;
  const name = typeof own === "string" ? own : typeof session === "string" ? session : fallback;
  return readDocument(document, { ...place, id: `${place.id}#${name}` });
}

function path(where: string, name: string): string {
  return where === "" ? name : `${where}.${name}`;
}

/** Every 1.x only adds fields. */
function checkVersion(version: string | null, report: Report): void {
  if (version !== null && !/^ATIF-v1\.\d+$/.test(version))
    report(
      "unsupported-version",
      `The trajectory has version ${version.slice(0, 20)}; it is read as ATIF-v1.8.`,
    );
}
