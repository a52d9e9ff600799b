import { bareTokens } from "../../rollout/bareTokens.ts";
import type { Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { readTokenColumn, readTokenIds, readTokenMask } from "../tokenIds.ts";

/** A message of a validation sample's log, with its own tokens where it has them. */
export function readMessage(
  record: Readonly<Record<string, unknown>>,
  index: number,
  report: RecordPlace["report"],
): Turn {
  const where = `content[${index}]`;
  const turn = readChatMessage(record, { where, parent: index - 1, report });
  const fields = new Fields(Object.fromEntries(turn.extra), where, report);
  const ids = readTokenIds(fields, "token_ids");
  if (ids === null) return turn;
  const n = ids.length;
  const mask = readTokenMask(fields, "token_loss_mask", n);
  const logprobs = readTokenColumn(fields, "generation_logprobs", n);
  const columns = new Map(logprobs === null ? [] : [["logprobs", logprobs]]);
  return { ...turn, tokens: bareTokens({ n, ids, mask, columns }, turn.trainable), extra: fields.rest() };
}
