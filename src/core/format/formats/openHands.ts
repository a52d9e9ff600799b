import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import type { FileContext } from "../format.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { type NearDocument, readNearJson } from "../nearJson.ts";
import { branchesOf } from "../openHands/branches.ts";
import { kindOf, readConversation } from "../openHands/conversation.ts";
import { isLegacyEvent, readLegacyEvents } from "../openHands/legacyEvents.ts";
import { withWholeArray } from "../wholeArray.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

const documents = jsonLinesFormat({
  id: "openHands",
  label: "OpenHands",
  written: "OpenHands 0.x (156d0686c, 2025-11-28) and its SDK (611629e69, 2026-08-22)",
  lacks: "rewards, logprobs; token ids but for the SDK's with vLLM",
  doc: "Exported trajectories (an array of events), evaluations' `output.jsonl` (an instance a line), and the SDK's conversation folders (`base_state.json` with `events/`); a critic's scores as values of turns.",
  isFolder: (name) => name === "base_state.json",
  extensions: [".json", ".jsonl"],
  matches: (record, path) => isInstance(record) || isState(record, path),
  beside: readEvents,
  read: (record, place) =>
    isState(record, place.path) ? readState(record, place) : [readInstance(record, place)],
});

/** OpenHands' rollouts. One export or one folder is one conversation. */
export const openHands = withWholeArray(documents, {
  matches: isLegacyEvent,
  read: (events, place) => [
    textTrajectory(
      `L${place.line}`,
      readLegacyEvents(events, (code, message) => place.report(code, message)),
    ),
  ],
});

function isInstance(record: Json): boolean {
  return "instance_id" in record && Array.isArray(record["history"]) && "test_result" in record;
}

/** The state of the SDK's conversation; its events lie beside it. */
function isState(record: Json, path: string): boolean {
  return (
    /(?:^|\/)base_state\.json$/.test(path) && isRecord(record["agent"]) && typeof record["id"] === "string"
  );
}

function readInstance(record: Json, place: RecordPlace): Trajectory {
  const report: Report = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const id = fields.key("instance_id");
  const turns = readLegacyEvents(fields.list("history") ?? [], report);
  const result = fields.object("test_result") ?? {};
  const error = fields.raw("error");
  const told = {
    ...fields.object("metadata"),
    ...present({ metrics: fields.raw("metrics"), test_result: result, error }),
  };
  return {
    ...textTrajectory(id ?? `L${place.line}`, turns),
    idLogged: id !== null,
    group: id,
    groupSource: id === null ? "none" : "explicit",
    success: resolved(result) ?? resolved(record),
    metadata: told,
    extra: fields.rest(),
  };
}

/** What the evaluation's second program adds once it has run the tests. */
function resolved({ report }: Json): boolean | null {
  const value = isRecord(report) ? report["resolved"] : undefined;
  return typeof value === "boolean" ? value : null;
}

interface Beside {
  readonly events: readonly NearDocument[];
}

/** Files are numbered with five digits or more. */
const eventName = /^event-\d{5,}-[0-9a-f-]{8,}\.json$/i;

async function readEvents({ path, near }: FileContext): Promise<Beside> {
  const events: NearDocument[] = [];
  if (!/(?:^|\/)base_state\.json$/.test(path)) return { events };
  for (const name of await near.list("events")) {
    const event = eventName.test(name) ? await readNearJson(near, `events/${name}`) : null;
    if (event !== null) events.push(event);
  }
  return { events };
}

function readState(record: Json, place: RecordPlace & { readonly beside: Beside }): readonly Trajectory[] {
  const report: Report = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const id = fields.key("id")!;
  const events: Json[] = [];
  for (const { record: event, problems } of place.beside.events) {
    for (const { code, message } of problems) report(code, message);
    if (event !== null) events.push(event);
  }
  const agent = fields.object("agent") ?? {};
  const status = fields.raw("execution_status");
  const errors = events.filter((event) => kindOf(event) === "ConversationErrorEvent");
  const metadata = present({
    model: isRecord(agent["llm"]) ? agent["llm"]["model"] : undefined,
    execution_status: status,
    stats: fields.raw("stats"),
    errors: errors.length === 0 ? undefined : errors.map(({ code, detail }) => ({ code, detail })),
  });
  const cut = errors.some(({ code }) => /iteration|budget/i.test(String(code)));
  const branches = branchesOf(events);
  return (branches.length === 0 ? [{ leaf: null, events }] : branches).map((branch) => ({
    ...textTrajectory(
      branch.leaf === null ? id : `${id}#${branch.leaf}`,
      readConversation(branch.events, report),
    ),
    idLogged: true,
    truncated: cut ? true : status === "finished" ? false : null,
    metadata,
    extra: fields.rest(),
  }));
}

function present(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}
