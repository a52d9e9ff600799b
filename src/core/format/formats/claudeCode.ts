import { readSession } from "../claude/session.ts";
import type { FileHead, Format } from "../format.ts";

/**
 * Claude Code's session logs, `~/.claude/projects/<project>/<session>.jsonl`: an event a line, each naming the one it
 * follows. All lines together are one session; it is read as a whole, so that a file which grows is read anew.
 */
export const claudeCode: Format<"claudeCode"> = {
  id: "claudeCode",
  label: "Claude Code",
  written: "Claude Code 2.0.76 (fixtures of inspect_scout at 63b481d6)",
  lacks: "tokens (counts only), rewards, groups, train steps",
  doc: "Session events linked by `parentUuid`; thinking, tool calls and results; sidechains as `SESSION#sidechain`.",
  extensions: [".jsonl"],
  sniff: ({ firstRecord }: FileHead) => firstRecord !== null && isEvent(firstRecord),
  async *scan(source, file, options) {
    if (options.signal?.aborted === true) return;
    yield await readSession(source, file);
  },
  async load(source, file, locators) {
    const record = await readSession(source, file);
    return locators.map((locator) => ({ ...record, locator }));
  },
};

/** An event of the conversation, or one of those that may stand before the first. */
function isEvent(record: Readonly<Record<string, unknown>>): boolean {
  const { type, uuid, sessionId, leafUuid, messageId } = record;
  if (typeof uuid === "string" && typeof sessionId === "string")
    return "parentUuid" in record && "type" in record;
  if (type === "summary") return typeof leafUuid === "string";
  if (type === "file-history-snapshot") return typeof messageId === "string" && "snapshot" in record;
  return type === "queue-operation" && typeof sessionId === "string" && "operation" in record;
}
