import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import { type Trajectory, type Turn, turnsNote } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import {
  type FoundTurns,
  type MaskedTokens,
  maskRuns,
  placeTokens,
  runTurns,
  tokensApart,
} from "../maskRuns.ts";
import { readMessage } from "../nemoRl/message.ts";
import { readTokens } from "../nemoRl/tokens.ts";
import { promptKey } from "../promptKey.ts";
import { TokenHash } from "../tokenKey.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * NeMo-RL's `train_data_step<N>.jsonl` and `val_data_step<N>.jsonl`: a sample a line, each value in a list of one
 * (micro-batches of one), arrays padded to the longest of the batch and cut here at `input_lengths`. Texts of messages
 * have no roles: they are told by the loss mask where its runs are as many as they; else all tokens stand in a turn of
 * their own. `generation_logprobs` are the sampler's (`logprobs`), `prev_logprobs` the policy's before its update
 * (`old_logprobs`); zeros that fill them on context are missing. A prompt's rollouts follow each other. `sample_loss_mask`
 * 0 (a sample the loss leaves out) is shown; its tokens' mask stays as logged.
 */
export const nemoRl = jsonLinesFormat({
  id: "nemoRl",
  label: "NeMo-RL train and validation data",
  written: "NeMo-RL (7ea279abf, 2026-08-22)",
  lacks: "roles of messages, text of tokens, group ids",
  doc: "Training and validation samples: messages, token ids, loss mask, advantages, logprobs; groups are equal prompts in a row.",
  matches: (record) =>
    "idx" in record &&
    ((Array.isArray(record["token_ids"]) && Array.isArray(record["token_loss_mask"])) ||
      (isList(record["content"]) && Array.isArray(record["rewards"]))),
  read: (record, place) => [readSample(record, place)],
});

/** A list in a list: the messages of one sample. */
function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && Array.isArray(value[0]);
}

function readSample(record: Json, place: RecordPlace): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(unwrapped(record), "", report);
  const content = fields.list("content");
  const tokens = fields.has("token_ids") ? readTokens(fields, report) : null;
  const { turns, signals } = findTurns(content ?? [], tokens, report);
  // Dynamic sampling drops samples after `rewards` was collected: that column is then of other samples.
  const reward = fields.number(fields.has("filtered_rewards") ? "filtered_rewards" : "rewards");
  const [, kind, digits] = /(?:^|\/)(train|val)_data_step(\d{1,15})\.[^/]*$/.exec(place.path) ?? [];
  return {
    ...textTrajectory(`L${place.line}`, turns),
    group: groupOf(turns, tokens),
    groupSource: "contiguous",
    trainStep: digits === undefined ? null : Number(digits),
    split: kind === "val" ? "validation" : "train",
    reward,
    signals,
    extra: fields.rest(),
  };
}

/** The record without the lists of one; an empty one is a value that is not there. */
function unwrapped(record: Json): Json {
  const open = (value: unknown): unknown =>
    Array.isArray(value) && value.length <= 1 ? ((value as unknown[])[0] ?? null) : value;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, open(value)]));
}

function findTurns(
  content: readonly unknown[],
  tokens: MaskedTokens | null,
  report: RecordPlace["report"],
): FoundTurns {
  if (content.length > 0 && content.every(isRecord)) {
    const messages = content.map((message, i) => readMessage(message, i, report));
    if (tokens === null) return { turns: messages, signals: new Map() };
    // The sample's tokens are those of all its messages.
    const bare = messages.map((turn) => ({ ...turn, tokens: null }));
    return placeTokens(bare, tokens) ?? tokensApart(bare, tokens);
  }
  const texts = content.map((text) => (typeof text === "string" ? text : JSON.stringify(text)));
  if (tokens === null)
    return {
      turns: withoutRoles(texts),
      signals: new Map([[turnsNote, { source: "messages without roles" }]]),
    };
  if (texts.length === 0) return runTurns(tokens);
  const told = toldByMask(texts, tokens);
  return (told === null ? null : placeTokens(told, tokens)) ?? tokensApart(withoutRoles(texts), tokens);
}

function withoutRoles(texts: readonly string[]): readonly Turn[] {
  return texts.map((text, i) => textTurn(i === 0 ? "prompt" : "message", text, i - 1));
}

/** A system message as templates write it: it shares the run of the mask with the message behind it. */
const systemMark = /^(?:<\|begin_of_text\|>|<s>|\[gMASK\]<sop>)?<\|(?:im_start|start_header_id)\|>system/;

/** Messages with the roles that the runs of the mask give them; null where there are more or fewer of them. */
function toldByMask(texts: readonly string[], { mask }: MaskedTokens): readonly Turn[] | null {
  const runs = maskRuns(mask);
  const shared = texts.length - runs.length;
  if (shared !== 0 && !(shared === 1 && systemMark.test(texts[0]!))) return null;
  return texts.map((text, i) => {
    const trained = i >= shared && runs[i - shared]!.trained;
    const role = trained ? "assistant" : i < shared ? "system" : i === shared ? "prompt" : "environment";
    return textTurn(role, text, i - 1);
  });
}

/** Equal prompts have equal keys: by their tokens, else by their text. */
function groupOf(turns: readonly Turn[], tokens: MaskedTokens | null): string {
  if (tokens !== null && tokens.ids !== null) {
    const first = tokens.mask.indexOf(1);
    const hash = new TokenHash().add(tokens.ids, 0, first < 0 ? tokens.n : first);
    return `prompt ${hash.value.toString(16)}`;
  }
  const first = turns.findIndex(({ trainable }) => trainable);
  const prompt = turns.slice(0, first < 0 ? 1 : first);
  return promptKey(prompt.map(({ content }) => content).join("\n\n"));
}
