import { isRecord } from "../isRecord.ts";

/**
 * Text of a message's content: a string, or the text parts of a list, joined; other parts are named in brackets, never
 * fetched. Null where it is neither.
 */
export function contentText(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (content === undefined || content === null) return "";
  return Array.isArray(content) ? content.map(partText).join("") : null;
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  if (isRecord(part) && typeof part["text"] === "string") return part["text"];
  return isRecord(part) && typeof part["type"] === "string" ? `[${part["type"]}]` : "";
}
