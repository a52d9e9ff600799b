import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { type FoundTurns, type MaskedTokens, placeTokens, runTurns, tokensApart } from "../maskRuns.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { numericColumn } from "../numericColumn.ts";
import { readTokenIds } from "../tokenIds.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

/**
 * Atropos' groups (`data_path_to_save_groups`): a ScoredDataGroup a line, each of its rollouts a trajectory. Masks are
 * labels (−100 = not trained on). `inference_logprobs` are `logprobs`; 1.0, which fills them on the prompt, is missing.
 * Lists with an entry for each token (`token_scores`, `token_weights`…) are columns by their names; lists with one for
 * each rollout are shown there. Messages get the tokens of the mask's runs where these fit their roles (`agent` is a
 * policy's as `assistant` is); else, as where an environment trains on its own last message, all tokens stand in a turn
 * of their own.
 */
export const atropos = jsonLinesFormat({
  id: "atropos",
  label: "Atropos groups",
  written: "Atropos (296a0bc5, 2026-07-04)",
  lacks: "train steps, text of tokens",
  doc: "Scored groups, one a line: token ids, masks, scores, advantages, logprobs, per-token scores, messages.",
  matches: (record) =>
    isListOfLists(record["tokens"]) && isListOfLists(record["masks"]) && Array.isArray(record["scores"]),
  read: readGroup,
});

function isListOfLists(value: unknown): boolean {
  return Array.isArray(value) && value.every(Array.isArray);
}

const columnNames: ReadonlyMap<string, string> = new Map([["inference_logprobs", "logprobs"]]);

function readGroup(record: Json, place: RecordPlace): readonly Trajectory[] {
  const report: Report = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const size = fields.list("tokens")?.length ?? 0;
  const own = fields.key(["group_id", "item_id", "id"].find((name) => fields.has(name)) ?? "group_id");
  for (const name of ["masks", "scores"]) {
    const n = fields.list(name)?.length ?? 0;
    if (n !== size) fields.wrong(name, `has ${n} entries for ${size} rollouts`);
  }
  // What has an entry a rollout is that rollout's; the rest is the group's.
  const rest = [...fields.rest()];
  const shared = rest.filter(([, value]) => value !== null && !isPerRollout(value, size));
  const each = rest.filter(([, value]) => isPerRollout(value, size));
  return Array.from({ length: size }, (_, g) => {
    const entry = (name: string): unknown => (record[name] as readonly unknown[] | null | undefined)?.[g];
    const rollout = new Fields(
      Object.fromEntries([
        ...each.map(([name, value]) => [name, (value as readonly unknown[])[g]] as const),
        ...["tokens", "masks", "scores"].map((name) => [name, entry(name)] as const),
      ]),
      `[${g}]`,
      report,
    );
    const found = findTurns(rollout, report);
    return {
      ...textTrajectory(`L${place.line}.${g}`, found.turns),
      group: own ?? `L${place.line}`,
      groupSource: "line",
      reward: rollout.number("scores"),
      signals: found.signals,
      metadata: shared.length === 0 ? undefined : Object.fromEntries(shared),
      extra: rollout.rest(),
    };
  });
}

function isPerRollout(value: unknown, size: number): boolean {
  return Array.isArray(value) && value.length === size;
}

function findTurns(rollout: Fields, report: Report): FoundTurns {
  const messages = readMessages(rollout, report);
  const tokens = readTokens(rollout);
  if (tokens.n === 0) return { turns: messages, signals: new Map() };
  if (messages.length === 0) return runTurns(tokens);
  return placeTokens(messages, tokens) ?? tokensApart(messages, tokens);
}

/** Messages of a rollout, or its one text. */
function readMessages(rollout: Fields, report: Report): readonly Turn[] {
  const value = rollout.raw("messages");
  if (typeof value === "string") return [textTurn("text", value, -1)];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    rollout.wrong("messages", "is neither a list of messages nor a text and is left out");
    return [];
  }
  return value.map((message: unknown, i) => {
    const turn = readChatMessage(message, { where: `messages[${i}]`, parent: i - 1, report });
    const reward = isRecord(message) ? message["reward"] : undefined;
    const extra = new Map(turn.extra);
    if (typeof reward === "number" || reward === null) extra.delete("reward");
    return {
      ...turn,
      reward: typeof reward === "number" ? reward : NaN,
      trainable: turn.role === "assistant" || turn.role === "agent",
      extra,
    };
  });
}

function readTokens(rollout: Fields): MaskedTokens {
  const ids = readTokenIds(rollout, "tokens");
  const n = ids?.length ?? 0;
  const labels = rollout.list("masks");
  const mask = new Uint8Array(n);
  if (labels !== null && labels.length !== n)
    rollout.wrong("masks", `has ${labels.length} entries for ${n} tokens and is left out`);
  else labels?.forEach((label, t) => (mask[t] = label === -100 ? 0 : 1));
  const columns = new Map<string, Float64Array>();
  for (const [name, value] of rollout.rest()) {
    if (n === 0 || !Array.isArray(value) || name === "messages" || name === "scores") continue;
    const column = value.length === n ? numericColumn(value) : null;
    if (column === null) {
      if (expected.has(name)) rollout.wrong(name, `is no list of ${n} numbers; it is kept, but not used`);
      continue;
    }
    rollout.raw(name);
    // No logprob is positive: 1.0 says that there is none.
    const isLogprobs = name === "inference_logprobs";
    columns.set(columnNames.get(name) ?? name, isLogprobs ? column.map((x) => (x === 1 ? NaN : x)) : column);
  }
  return { n, ids, mask, columns };
}

const expected = new Set(["advantages", "ref_logprobs", "inference_logprobs"]);
