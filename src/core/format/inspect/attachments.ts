import { isRecord } from "../isRecord.ts";

/**
 * Puts texts back where a sample only names them: a string that is all `attachment://HASH` (`tc://HASH` until 0.3.45).
 * Pictures and sounds stay named: nobody wants their base64 to read.
 */
export type Attach = (value: unknown) => unknown;

export function attachOf(sample: Readonly<Record<string, unknown>>): Attach {
  const transcript = isRecord(sample["transcript"]) ? sample["transcript"] : {};
  const texts = new Map<string, string>();
  for (const attachments of [sample["attachments"], transcript["content"]])
    for (const [name, text] of Object.entries(isRecord(attachments) ? attachments : {}))
      if (typeof text === "string" && !text.startsWith("data:")) texts.set(name, text);
  if (texts.size === 0) return (value) => value;
  const attach: Attach = (value) => {
    if (typeof value === "string")
      return texts.get(/^(?:attachment|tc):\/\/(\w+)$/.exec(value)?.[1] ?? "") ?? value;
    if (Array.isArray(value)) return value.map(attach);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, attach(entry)]));
  };
  return attach;
}
