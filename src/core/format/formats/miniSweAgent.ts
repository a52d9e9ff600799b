import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";
import { loggedTokens, responseTokens } from "../openai/logprobs.ts";
import { withWholeArray } from "../wholeArray.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

const documents = jsonLinesFormat({
  id: "miniSweAgent",
  label: "mini-SWE-agent trajectory",
  written:
    "mini-SWE-agent 2 (main at a83fcae8, 2026-07-22), `mini-swe-agent-1.1`, and earlier files down to bare lists",
  lacks: "rewards; tokens, unless the API's answers have logprobs",
  doc: "`*.traj.json`: messages of the agent with actions, return codes and the API's answers; a bare list of chat messages is one rollout too.",
  extensions: [".json"],
  matches: (record) =>
    Array.isArray(record["messages"]) &&
    ((typeof record["trajectory_format"] === "string" &&
      record["trajectory_format"].startsWith("mini-swe-agent")) ||
      (isRecord(record["info"]) && "mini_version" in record["info"])),
  read: (record, place) => [readDocument(record, place)],
});

/**
 * mini-SWE-agent's `*.traj.json`: `{info, messages, trajectory_format}`, or in old files the bare list of messages. A
 * message's `extra` holds what the program knew of it, the API's whole answer among it.
 */
export const miniSweAgent = withWholeArray(documents, {
  matches: (first) => typeof first["role"] === "string" && "content" in first && !("from" in first),
  read(elements, place) {
    const report: Report = (code, message) => place.report(code, message);
    const turns = elements.map((message, i) => readMessage(message, i, report));
    return [{ ...textTrajectory("", turns), ...instanceOf(place, null) }];
  },
});

function readDocument(record: Json, place: RecordPlace): Trajectory {
  const report: Report = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const turns = (fields.list("messages") ?? []).map((message, i) => readMessage(message, i, report));
  const info = fields.object("info");
  return {
    ...textTrajectory("", turns),
    ...instanceOf(place, fields.key("instance_id")),
    truncated: isCut(info?.["exit_status"]),
    metadata: info ?? undefined,
    extra: fields.rest(),
  };
}

/** The file's name, `INSTANCE.traj.json`, is the instance where nothing in it is. */
function instanceOf(
  { path, line }: RecordPlace,
  logged: string | null,
): Pick<Trajectory, "id" | "idLogged" | "group" | "groupSource"> {
  const id = logged ?? /([^/]+)\.traj\.json$/.exec(path)?.[1] ?? null;
  return {
    id: id ?? `L${line}`,
    idLogged: id !== null,
    group: id,
    groupSource: id === null ? "none" : "explicit",
  };
}

function readMessage(value: unknown, i: number, report: Report): Turn {
  const where = `messages[${i}]`;
  const read = readChatMessage(value, { where, parent: i - 1, report });
  const turn = withReasoning(read);
  const extra = read.extra.get("extra");
  if (!isRecord(extra)) return turn;
  const { response, timestamp, ...rest } = extra;
  const more = new Map([...turn.extra].filter(([name]) => name !== "extra"));
  for (const [name, fact] of Object.entries(rest)) more.set(more.has(name) ? `extra.${name}` : name, fact);
  const choices = isRecord(response) ? response["choices"] : undefined;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const time = typeof timestamp === "number" ? timestamp : NaN;
  if (!isRecord(choice)) return { ...turn, time, extra: more };
  const at = `${where}.extra.response.choices[0]`;
  const fields = new Fields(choice, at, report);
  const finish = fields.raw("finish_reason");
  if (typeof finish === "string") more.set("finish_reason", finish);
  const shift = turn.content.length - read.content.length;
  const { tokens } = responseTokens(loggedTokens(fields, report, at), {
    content: read.content,
    shift,
    fields,
  });
  return { ...turn, time, tokens, extra: more };
}

function isCut(status: unknown): boolean | null {
  if (typeof status !== "string" || status === "") return null;
  return status === "Submitted" ? false : /exceed|limit|timeout/i.test(status) ? true : null;
}
