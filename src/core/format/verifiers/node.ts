import { bareTokens } from "../../rollout/bareTokens.ts";
import type { TokenColumns } from "../../rollout/tokenColumns.ts";
import type { Attachment, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";
import { numericColumn } from "../numericColumn.ts";
import { readTokenColumn, readTokenIds, readTokenMask } from "../tokenIds.ts";

/** Columns with one value per sampled token: what is written → the column here. */
const compactColumns: ReadonlyMap<string, string> = new Map([
  ["logprobs", "logprobs"],
  ["advantages", "advantages"],
  ["reference_logprobs", "ref_logprobs"],
  // Since 31 August 2026 (verifiers #2481), and what prime-rl folds into a node. The trainer's logprobs are those of
  // the weights it is about to update: neither the sampler's nor, with several updates a batch, PPO's old ones.
  ["trainer_logprobs", "trainer_logprobs"],
  ["entropies", "entropy"],
  ["is_masked", "is_masked"],
  ["mismatch_kl", "mismatch_kl"],
]);

/** The seat whose rollout a trace is. */
export interface Seat {
  readonly name: string | null;
  /** False for a frozen one: what it samples is not trained on. */
  readonly trainable: boolean;
}

interface NodePlace extends Pick<RecordPlace, "report"> {
  /** Path of the node for reports. */
  readonly where: string;
  /** Index of the turn it follows. */
  readonly parent: number;
  readonly seat: Seat;
}

/** A MessageNode as a turn: its message, and the tokens that it adds to the sequence. */
export function readNode(node: Readonly<Record<string, unknown>>, place: NodePlace): Turn {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(node, place.where, report);
  const value = fields.raw("message");
  const message = readChatMessage(value, { where: `${place.where}.message`, parent: place.parent, report });
  const sampled = fields.flag("sampled") ?? false;
  const tokens = readTokens(node, fields, { ...place, sampled });
  const time = fields.number("timestamp");
  fields.raw("parent");
  const extra = new Map([...message.extra, ...fields.rest()]);
  if (sampled && !place.seat.trainable) extra.set("sampled", true);
  return withReasoning({
    ...message,
    agent: sampled ? place.seat.name : null,
    trainable: sampled && place.seat.trainable,
    attachments: isRecord(value) ? imagesOf(value["content"]) : [],
    time,
    tokens,
    extra,
  });
}

/** Images of a content list; their text says only that they are there. */
function imagesOf(content: unknown): readonly Attachment[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) => {
    const image = isRecord(part) ? part["image_url"] : undefined;
    const uri = isRecord(image) ? image["url"] : image;
    return typeof uri === "string" ? [{ kind: "image", uri }] : [];
  });
}

function readTokens(
  node: Readonly<Record<string, unknown>>,
  fields: Fields,
  { sampled, seat, where, report }: NodePlace & { readonly sampled: boolean },
): TokenColumns | null {
  // An empty list is what a node without tokens has, and `is_content` where a renderer does not tell it from scaffold.
  for (const name of ["token_ids", "mask", "is_content", ...compactColumns.keys()])
    if (Array.isArray(node[name]) && (node[name] as unknown[]).length === 0) fields.raw(name);
  const ids = readTokenIds(fields, "token_ids");
  const n = ids?.length ?? 0;
  if (ids === null || n === 0) return null;
  const mask = readTokenMask(fields, "mask", n);
  const columns = new Map<string, Float64Array>();
  for (const [name, as] of compactColumns) {
    const column = readCompact(fields, name, mask ?? new Uint8Array(n));
    if (column !== null) columns.set(as, column);
  }
  const content = isFilled(node["is_content"]) ? readTokenColumn(fields, "is_content", n) : null;
  if (content !== null) columns.set("is_content", content);
  // Weights of the loss by name: unlike the others they hold a number for every token.
  const weights = new Fields(fields.object("loss_weights") ?? {}, `${where}.loss_weights`, report);
  for (const name of weights.rest().keys()) {
    const column = readTokenColumn(weights, name, n);
    if (column !== null) columns.set(`loss_weights.${name}`, column);
  }
  // A frozen seat samples tokens that no one trains on.
  const isFrozen = !seat.trainable && mask !== null && mask.includes(1);
  if (isFrozen) columns.set("sampled", Float64Array.from(mask));
  return bareTokens(
    { n, ids, mask: isFrozen ? new Uint8Array(n) : mask, columns },
    sampled && seat.trainable,
  );
}

function isFilled(value: unknown): boolean {
  return !Array.isArray(value) || value.length > 0;
}

/** A compact column spread onto the sampled tokens; null where it is absent, as it is where nothing was sampled. */
function readCompact(fields: Fields, name: string, mask: Uint8Array): Float64Array | null {
  const values = fields.list(name);
  if (values === null || values.length === 0) return null;
  const sampled = mask.reduce((sum, bit) => sum + bit, 0);
  if (values.length !== sampled) {
    fields.wrong(name, `has ${values.length} entries for ${sampled} sampled tokens and is left out`);
    return null;
  }
  const compact = numericColumn(values);
  if (compact === null) {
    fields.wrong(name, "holds something that is no number; the column is left out");
    return null;
  }
  let k = 0;
  return Float64Array.from(mask, (bit) => (bit === 1 ? compact[k++]! : NaN));
}
