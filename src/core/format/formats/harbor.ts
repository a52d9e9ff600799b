import { textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { readAtifFiles } from "../atif/files.ts";
import { type CallTokens, readCallTokens, TokenPlacer } from "../atif/tokens.ts";
import { readAtif } from "../atif/trajectory.ts";
import { isTrial, verdictOf } from "../atif/verdict.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];
type Beside = Awaited<ReturnType<typeof readAtifFiles>>;

/**
 * A trial of Harbor's, `JOB/TRIAL/`: named by `result.json`, which has the verdict, with the agent's trajectory in
 * `agent/`. Trials of a task in one job are a group. A trial that failed before its agent wrote anything is a rollout too.
 */
export const harbor = jsonLinesFormat({
  id: "harbor",
  label: "Harbor trial",
  written: "Harbor's trials as of May 2026, by their specification; its repository could not be read",
  lacks: "train steps, advantages; where tokens lie in the text",
  doc: "`result.json` of a trial, with `agent/trajectory.json` (ATIF): rewards of the verifier, token ids and logprobs of the steps, else of `rollout_details`. Trials of a task are a group, a job is a run.",
  extensions: [".json"],
  isFolder: () => true,
  matches: isTrial,
  beside: ({ near }) => readAtifFiles(near, "agent/trajectory.json"),
  read: readTrial,
});

function readTrial(record: Json, place: RecordPlace & { readonly beside: Beside }): readonly Trajectory[] {
  const report: Report = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const id = fields.key("trial_name") ?? `L${place.line}`;
  const { main, files } = place.beside;
  for (const { code, message } of main?.problems ?? []) report(code, message);
  const [own, ...subagents] = readAtif(main?.record ?? {}, { id, files, report });
  const calls = detailsOf(fields, report);
  const turns = own.turns.length === 0 ? callTurns(calls) : withCalls(own.turns, calls, report);
  const task = taskOf(fields);
  const run = jobOf(place.path, fields.text("trial_uri"));
  fields.raw("verifier_result");
  const metadata = {
    ...(isRecord(own.metadata) && main !== null ? own.metadata : {}),
    ...resultOf(record),
    ...told(fields, ["agent_info", "exception_info", "started_at", "finished_at"]),
  };
  const shared = { run, group: task, groupSource: task === null ? "none" : "explicit" } as const;
  const whole: Trajectory = {
    ...own,
    ...shared,
    ...verdictOf(record),
    id,
    idLogged: true,
    turns,
    metadata,
    extra: new Map([...fields.rest(), ...own.extra]),
  };
  // A sub-agent is no attempt at the task: it would be compared with those who are.
  return [whole, ...subagents.map((sub) => ({ ...sub, id: `${id}${sub.id.slice(own.id.length)}`, run }))];
}

/** The task by its name, else by where it lies. */
function taskOf(fields: Fields): string | null {
  const where = fields.raw("task_id");
  const name = fields.key("task_name");
  if (name !== null) return name;
  return typeof where === "string" ? where : isRecord(where) ? JSON.stringify(where) : null;
}

/** The folder that the trial's folder lies in; `trial_uri` ends the same way. */
function jobOf(path: string, uri: string | null): string | null {
  const folders = path.split("/").slice(0, -2);
  return folders.at(-1) || (uri ?? "").split("/").at(-2) || null;
}

function told(fields: Fields, names: readonly string[]): Json {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields.raw(name);
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** What the agent used, without its tokens. */
function resultOf({ agent_result: result }: Json): Json {
  if (!isRecord(result)) return {};
  const { rollout_details: _, ...rest } = result;
  return { agent_result: rest };
}

/** Calls of the main agent: the first linear segment of `rollout_details`, which the agents on the host keep. */
function detailsOf(fields: Fields, report: Report): readonly CallTokens[] {
  const agent = fields.object("agent_result") ?? {};
  const { rollout_details: details } = agent;
  const first: unknown = Array.isArray(details) ? details[0] : undefined;
  if (!isRecord(first)) return [];
  const lists = ["prompt_token_ids", "completion_token_ids", "logprobs"].map(
    (name) => [name, Array.isArray(first[name]) ? (first[name] as unknown[]) : []] as const,
  );
  const n = Math.max(...lists.map(([, list]) => list.length));
  return Array.from({ length: n }, (_, k) =>
    readCallTokens(
      Object.fromEntries(lists.map(([name, list]) => [name, list[k]])),
      `agent_result.rollout_details[0], call ${k + 1}`,
      report,
    ),
  );
}

/** Tokens of the calls on a trajectory's steps that have none; only where there is a call for each. */
function withCalls(turns: readonly Turn[], calls: readonly CallTokens[], report: Report): readonly Turn[] {
  if (calls.length === 0 || turns.some(({ tokens }) => tokens !== null)) return turns;
  const written = turns.filter(({ trainable }) => trainable);
  if (written.length !== calls.length) {
    report(
      "bad-field",
      `agent_result.rollout_details has ${calls.length} calls for ${written.length} steps of the agent; its tokens are not shown.`,
    );
    return turns;
  }
  const placer = new TokenPlacer();
  const placed: Turn[] = [];
  let k = 0;
  for (const turn of turns) {
    placed.push(turn);
    if (turn.trainable) placer.place(placed, placed.length - 1, calls[k++]!);
  }
  return placed;
}

/** A trial whose trajectory is missing, but whose tokens were kept. */
function callTurns(calls: readonly CallTokens[]): readonly Turn[] {
  const placer = new TokenPlacer();
  const turns: Turn[] = [];
  for (const [k, call] of calls.entries()) {
    turns.push(textTurn(k === 0 ? "prompt" : "environment", "", turns.length - 1));
    turns.push(textTurn("assistant", "", turns.length - 1));
    placer.place(turns, turns.length - 1, call);
  }
  return turns;
}
