import type { FileContext } from "../format.ts";
import { isRecord } from "../isRecord.ts";
import { parseDocument } from "../jsonLines.ts";

/** Messages of one logged conversation. */
export type Conversation = readonly unknown[];

/** Larger than any tree of the few groups that are logged. */
const largestTree = 1 << 28;

/** The conversations of `<base>_logtree.json` beside `<base>_rollout_summaries.jsonl`, in order; none where it is not there. */
export async function conversationsBeside(file: FileContext): Promise<readonly Conversation[]> {
  const base = /([^/]*)_rollout_summaries\.jsonl$/.exec(file.path)?.[1];
  const source = base === undefined ? null : await file.near.open(`${base}_logtree.json`);
  if (source === null || source.size > largestTree) return [];
  const bytes = await source.read(0, source.size);
  const line = { bytes, from: 0, to: source.size, line: 1, last: true, tooLong: false };
  // What is wrong with the tree is no damage of the log: it goes without those texts.
  const parsed = parseDocument(line, () => undefined);
  return parsed === null ? [] : conversationsOf(parsed.record["root"]);
}

/** The nodes that hold a conversation, depth first, as they stand on the page. */
function conversationsOf(root: unknown): readonly Conversation[] {
  const found: Conversation[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (!isRecord(node)) continue;
    const { data, children } = node;
    if (isRecord(data) && data["type"] === "conversation")
      found.push(Array.isArray(data["messages"]) ? (data["messages"] as unknown[]) : []);
    if (Array.isArray(children)) for (const child of children.toReversed()) open.push(child);
  }
  return found;
}
