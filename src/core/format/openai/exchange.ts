import { bareTokens } from "../../rollout/bareTokens.ts";
import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { SignalNote, Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readId } from "../readId.ts";
import { readTokenIds } from "../tokenIds.ts";
import { isTruncated, readChoice } from "./choice.ts";
import { isResponse, readInputItem, readResponseTurn } from "./responses.ts";

type Json = Readonly<Record<string, unknown>>;

/** A completion and the objects of the record that lead to it, the record first. */
interface Found {
  readonly completion: Json;
  readonly way: readonly ("response" | "body")[];
}

/** The API's response in a record: itself, its `response`, or the body of a batch's response; null where there is none. */
export function completionOf(record: Json): Found | null {
  const response = isRecord(record["response"]) ? record["response"] : {};
  const body = isRecord(response["body"]) ? response["body"] : {};
  if (isCompletion(record)) return { completion: record, way: [] };
  if (isCompletion(response)) return { completion: response, way: ["response"] };
  return isCompletion(body) ? { completion: body, way: ["response", "body"] } : null;
}

function isCompletion(value: Json): boolean {
  const { choices } = value;
  if (isResponse(value)) return true;
  return Array.isArray(choices) && choices.some((choice) => isRecord(choice) && isRecord(choice["message"]));
}

/** A line of a batch's output whose request has failed. */
export function isFailedRequest(record: Json): boolean {
  return typeof record["custom_id"] === "string" && "response" in record && "error" in record;
}

/** A response with what it answers: a trajectory a choice. */
export function readExchange(record: Json, place: RecordPlace): readonly Trajectory[] {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const found = completionOf(record);
  if (found === null) {
    report(
      "bad-field",
      "response holds no completion (the request may have failed); the line has no rollout.",
    );
    return [];
  }
  const outer = new Fields(record, "", report);
  const where = found.way.join(".");
  const inner = where === "" ? outer : new Fields(found.completion, where, report);
  const before = readPrompt(outer, inner, report);
  const reward = outer.numberOrText(outer.has("reward") ? "reward" : "score");
  const step = outer.integerOrText(outer.has("train_step") ? "train_step" : "step");
  const logged = outer.has("custom_id") ? readId(outer, "custom_id") : readId(inner, "id");
  const answers = readAnswers(inner, { where, parent: before.length - 1, report });
  const extra = restOf(outer, inner, { record, way: found.way });
  const id = logged ?? `L${place.line}`;
  const isGroup = answers.length > 1;
  return answers.map(({ turn, truncated, hasUnlikely }, i) => ({
    ...textTrajectory(isGroup ? `${id}#${i}` : id, [...before, turn]),
    idLogged: logged !== null,
    group: isGroup ? id : null,
    groupSource: isGroup ? "line" : "none",
    trainStep: step,
    reward: isGroup ? NaN : reward,
    truncated,
    signals: hasUnlikely ? unlikelyNote : new Map(),
    extra: isGroup && !Number.isNaN(reward) ? new Map([...extra, ["reward", reward]]) : extra,
  }));
}

const unlikelyNote: ReadonlyMap<string, SignalNote> = new Map([
  [
    "logprobs",
    { source: "logged; −9999 (not among the likeliest tokens) is read as missing", level: "token" },
  ],
]);

/** Turns before the response; what is said there was not sampled here. */
function readPrompt(outer: Fields, inner: Fields, report: RecordPlace["report"]): readonly Turn[] {
  const turns: Turn[] = [];
  const instructions = inner.has("instructions") ? inner.raw("instructions") : null;
  if (typeof instructions === "string") turns.push(textTurn("system", instructions, -1));
  const input = outer.has("messages") ? outer.raw("messages") : outer.raw("input");
  if (typeof input === "string") turns.push(textTurn("user", input, turns.length - 1));
  const name = outer.has("messages") ? "messages" : "input";
  for (const [i, item] of (Array.isArray(input) ? (input as unknown[]) : []).entries()) {
    const turn = readInputItem(item, { where: `${name}[${i}]`, parent: turns.length - 1, report });
    turns.push({ ...turn, trainable: false });
  }
  // vLLM gives the ids of the whole prompt; which message they lie in is not known, so they open the last one.
  const ids = readTokenIds(inner, "prompt_token_ids");
  if (ids === null || ids.length === 0) return turns;
  const last = turns.pop() ?? textTurn("prompt", "", -1);
  const tokens = bareTokens({ n: ids.length, ids, mask: null, columns: new Map() }, false);
  return [...turns, { ...last, tokens }];
}

interface Answer {
  readonly turn: Turn;
  readonly truncated: boolean | null;
  readonly hasUnlikely: boolean;
}

function readAnswers(
  completion: Fields,
  { where, parent, report }: { where: string; parent: number; report: RecordPlace["report"] },
): readonly Answer[] {
  const time = completion.number(completion.has("created") ? "created" : "created_at");
  if (!completion.has("choices")) {
    const { turn, hasUnlikely } = readResponseTurn(completion, { where, parent, report });
    const status = completion.text("status");
    const truncated = status === null ? null : status === "incomplete";
    return [{ turn: { ...turn, time }, truncated, hasUnlikely }];
  }
  return (completion.list("choices") ?? []).flatMap((choice, i) => {
    const name = `${where === "" ? "" : `${where}.`}choices[${i}]`;
    if (!isRecord(choice)) report("bad-field", `${name} is not an object and is left out.`);
    if (!isRecord(choice)) return [];
    const { turn, finishReason, hasUnlikely } = readChoice(choice, { where: name, parent, report });
    return [{ turn: { ...turn, time }, truncated: isTruncated(finishReason), hasUnlikely }];
  });
}

/** All that no one asked for, where it stood. */
function restOf(
  outer: Fields,
  inner: Fields,
  { record, way }: { record: Json; way: Found["way"] },
): Map<string, unknown> {
  if (way.length === 0) return outer.rest();
  outer.raw("response");
  const rest = outer.rest();
  const body = Object.fromEntries(inner.rest());
  const response = record["response"] as Json;
  rest.set("response", way.length === 1 ? body : { ...response, body });
  return rest;
}
