import { isRecord } from "../format/isRecord.ts";
import { parseTolerantJson } from "../format/tolerantJson.ts";
import { equalsAsPython, hashKey } from "./pythonEquality.ts";
import { stripAsPython, wordsAsPython } from "./pythonText.ts";

/** A call is not of the form `{"name": …, "parameters": {…}}`, or no JSON at all. */
export class MalformedCall extends Error {}

/**
 * How close two calls of a tool are counted: by keys and values (`fine`, the default of the release), only when equal
 * (`intermediate`), all calls equal or nothing (`coarse`), by keys and names in their order (`strict`).
 */
export type CallGrain = "fine" | "intermediate" | "coarse" | "strict";

export interface CallScale {
  readonly max: number;
  readonly min: number;
  readonly grain: CallGrain;
}

/** Similarity of two lists as multisets: shared / all; 1 of equal lists, 0 where one is empty. (`match_score`) */
export function matchScore(a: readonly unknown[], b: readonly unknown[], grain: CallGrain = "fine"): number {
  if (equalsAsPython(a, b)) return 1;
  if (grain === "strict" || a.length === 0 || b.length === 0) return 0;
  const counts = new Map<string, number>();
  for (const one of a) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  let shared = 0;
  for (const one of b) {
    const left = counts.get(keyOf(one)) ?? 0;
    if (left === 0) continue;
    counts.set(keyOf(one), left - 1);
    shared++;
  }
  return shared / (a.length + b.length - shared);
}

function keyOf(value: unknown): string {
  const key = hashKey(value);
  if (key === null) throw new MalformedCall("a name is a list or an object");
  return key;
}

/**
 * Correctness of predicted calls: (max − min) · (names + Σ best match) / (1 + Σ (1 + parameters)) + min, where each gold
 * call takes, in gold order, the unused predicted one of its name that is closest. (`compute_tool_call_reward`)
 * @throws MalformedCall where a call lacks what is compared
 */
export function toolCallReward(
  gold: readonly unknown[],
  predicted: readonly unknown[],
  { max, min, grain }: CallScale,
): number {
  if (equalsAsPython(gold, predicted)) return max;
  if (grain === "coarse") return min;
  let score = matchScore(gold.map(toolName), predicted.map(toolName), grain);
  let possible = 1;
  const used = new Set<number>();
  for (const call of gold) {
    const parameters = partOf(call, "parameters");
    possible += grain === "intermediate" ? 1 : 1 + parameterCount(parameters);
    let [best, bestAt] = [0, -1];
    predicted.forEach((other, i) => {
      if (used.has(i) || !equalsAsPython(toolName(other), toolName(call))) return;
      const closeness = closenessOf(call, other, grain);
      if (closeness > best) [best, bestAt] = [closeness, i];
    });
    if (bestAt >= 0) used.add(bestAt);
    score += best;
  }
  return ((max - min) * score) / possible + min;
}

function closenessOf(gold: unknown, predicted: unknown, grain: CallGrain): number {
  if (grain === "intermediate") return equalsAsPython(gold, predicted) ? 1 : 0;
  const [own, other] = [parametersOf(gold), parametersOf(predicted)];
  const equal = Object.keys(own).filter(
    (name) => Object.hasOwn(other, name) && equalsAsPython(other[name], own[name]),
  );
  return matchScore(Object.keys(own), Object.keys(other), grain) + equal.length;
}

function toolName(call: unknown): unknown {
  return partOf(call, "name");
}

function parametersOf(call: unknown): Readonly<Record<string, unknown>> {
  const parameters = partOf(call, "parameters");
  if (!isRecord(parameters)) throw new MalformedCall("parameters are no object");
  return parameters;
}

function partOf(call: unknown, name: string): unknown {
  if (!isRecord(call) || !Object.hasOwn(call, name)) throw new MalformedCall(`a call has no "${name}"`);
  return call[name];
}

function parameterCount(parameters: unknown): number {
  if (Array.isArray(parameters)) return parameters.length;
  if (typeof parameters === "string") return Array.from(parameters).length;
  if (!isRecord(parameters)) throw new MalformedCall("parameters have no length");
  return Object.keys(parameters).length;
}

/** The calls of the first `<tool_call>` block of a text: JSON, a call a line. @throws MalformedCall */
export function callsOf(text: string): readonly unknown[] {
  const block = text.split("<tool_call>")[1];
  if (block === undefined || !text.includes("</tool_call>")) throw new MalformedCall("there is no tool call");
  return callsIn(block);
}

/** The calls before the end of a block. */
function callsIn(block: string): readonly unknown[] {
  return stripAsPython(block.split("</tool_call>")[0]!).split("\n").map(parseCall);
}

function parseCall(line: string): unknown {
  const parsed = parseTolerantJson(line, '"NaN"');
  if (!parsed.ok) throw new MalformedCall(parsed.message);
  return parsed.value;
}

/** The tags an answer must have, by those that the gold answer has. */
const formats = {
  response: /^<think>.*?<\/think>\n<response>.*?<\/response>$/s,
  tool: /^<think>.*?<\/think>\n<tool_call>\n.*?\n<\/tool_call>$/s,
  both: /^<think>.*?<\/think>\n<tool_call>\n.*?\n<\/tool_call>\n<response>.*?<\/response>$/s,
  neither: /^<think>.*?<\/think>$/s,
} as const;

/** True where a response has the tags of the gold answer, once each, in their order. */
export function hasToolFormat(response: string, gold: string): boolean {
  const tags = ["tool_call", "response"].filter((tag) => gold.includes(`<${tag}>`));
  const kind =
    tags.length === 2 ? "both" : tags.length === 0 ? "neither" : tags[0] === "response" ? "response" : "tool";
  return (
    formats[kind].test(response) &&
    tags.every((tag) => countOf(response, `<${tag}>`) === 1 && countOf(response, `</${tag}>`) === 1)
  );
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Share of `most` words that the thought has, at most 1, in hundredths with ties to even; 0 without a thought. */
export function thoughtLength(response: string, most = 512): number {
  if (!response.includes("<think>") || !response.includes("</think>")) return 0;
  const thought = response.split("<think>").at(-1)!.split("</think>")[0]!;
  const words = wordsAsPython(thought).length;
  const hundredths = (words / most) * 100;
  const below = Math.floor(hundredths);
  const up = hundredths - below > 0.5 || (hundredths - below === 0.5 && below % 2 === 1);
  return Math.min(1, (up ? below + 1 : below) / 100);
}

export interface ToolScore {
  readonly total: number;
  readonly format: number;
  readonly correctness: number;
  readonly length: number;
}

/** What follows the last mark of the assistant in a decoded template, up to its end mark. */
export function assistantPart(text: string): string {
  const qwen = text.split("<|im_start|>assistant").at(-1)!.split("<|im_end|>")[0]!;
  return stripAsPython(
    qwen.split("<|start_header_id|>assistant<|end_header_id|>").at(-1)!.split("<|eot_id|>")[0]!,
  );
}

/**
 * ToolRL's reward of a response: format 0 or 1, correctness from `min` to `max`, 0 where the gold answer calls no tool.
 * (`compute_score`) @throws MalformedCall when the gold answer's own calls cannot be read
 */
export function toolScore(
  response: string,
  gold: string,
  { withLength, ...scale }: CallScale & { readonly withLength: boolean },
): ToolScore {
  const own = assistantPart(response);
  const format = hasToolFormat(own, gold) ? 1 : 0;
  const correctness = gold.includes("<tool_call>")
    ? correctnessOf(own, callsIn(gold.split("<tool_call>")[1]!), scale)
    : 0;
  const length = withLength ? thoughtLength(own) : 0;
  return { total: format + correctness + length, format, correctness, length };
}

function correctnessOf(response: string, gold: readonly unknown[], scale: CallScale): number {
  try {
    return toolCallReward(gold, callsOf(response), scale);
  } catch (error) {
    if (error instanceof MalformedCall) return scale.min;
    throw error;
  }
}
