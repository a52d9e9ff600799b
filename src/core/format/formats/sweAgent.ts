import type { Trajectory } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readAttempt } from "../sweAgent/attempt.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * SWE-agent's `INSTANCE/INSTANCE.traj`: the conversation in `history`, the steps in `trajectory`. An agent that tries
 * again has `attempts`, each of that form; the chosen one stands at the top too. A demonstration may hold `history` alone.
 */
export const sweAgent = jsonLinesFormat({
  id: "sweAgent",
  label: "SWE-agent trajectory",
  written: "SWE-agent 1.1 (main at 3ea751c0, 2026-07-16) and the 0.x files it still reads",
  lacks: "tokens, logprobs, rewards",
  doc: "`.traj` files: the agent's conversation with actions, observations, execution times; the attempts of an instance are a group.",
  extensions: [".traj", ".json"],
  matches: (record) =>
    (areSteps(record["trajectory"]) && (Array.isArray(record["history"]) || isRecord(record["info"]))) ||
    isAttempts(record["attempts"]) ||
    isDemonstration(record),
  read: readFile,
});

/** Steps of an agent in an environment; other writers keep model calls under the same name. */
function areSteps(steps: unknown): boolean {
  if (!Array.isArray(steps)) return false;
  const first: unknown = steps[0];
  return first === undefined || (isRecord(first) && ("action" in first || "observation" in first));
}

function isAttempts(attempts: unknown): boolean {
  return Array.isArray(attempts) && isRecord(attempts[0]) && Array.isArray(attempts[0]["trajectory"]);
}

/** Messages with the marks that SWE-agent puts on them. */
function isDemonstration({ history }: Json): boolean {
  if (!Array.isArray(history)) return false;
  const first: unknown = history[0];
  return (
    isRecord(first) && typeof first["role"] === "string" && ("message_type" in first || "agent" in first)
  );
}

function readFile(record: Json, place: RecordPlace): readonly Trajectory[] {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  // The instance is the file's name; nothing in the file says it.
  const instance = /([^/]+)\.traj$/.exec(place.path)?.[1] ?? null;
  const id = instance ?? `L${place.line}`;
  const shared = {
    idLogged: instance !== null,
    group: instance,
    groupSource: instance === null ? "none" : "explicit",
  } as const;
  const attempts: unknown = record["attempts"];
  if (!Array.isArray(attempts) || attempts.length === 0)
    return [{ ...readAttempt(record, id, "", report), ...shared }];
  const best: unknown = isRecord(record["info"]) ? record["info"]["best_attempt_idx"] : undefined;
  const { attempts: _, history: __, trajectory: ___, info: ____, ...rest } = record;
  return attempts.flatMap((attempt: unknown, k) => {
    const where = `attempts[${k}]`;
    if (!isRecord(attempt)) report("bad-field", `${where} is not an object and is left out.`);
    if (!isRecord(attempt)) return [];
    const one = readAttempt(attempt, `${id}#${k}`, where, report);
    const extra = new Map([...Object.entries(rest), ...one.extra]);
    if (typeof best === "number") extra.set("is_best_attempt", k === best);
    // Attempts of one file are a group whatever its name is.
    return [
      {
        ...one,
        ...shared,
        group: instance ?? id,
        groupSource: instance === null ? "line" : "explicit",
        extra,
      } as const,
    ];
  });
}
