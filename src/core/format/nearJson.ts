import type { IssueCode } from "../rollout/issue.ts";
import { longestLine } from "./byteLines.ts";
import type { Nearby } from "./format.ts";
import { parseDocument } from "./jsonLines.ts";

/** A JSON document beside a log, and what is wrong with it: told with the record that it belongs to. */
export interface NearDocument {
  /** Null where nothing of it can be read. */
  readonly record: Readonly<Record<string, unknown>> | null;
  readonly problems: readonly { readonly code: IssueCode; readonly message: string }[];
}

/** The object that a file beside a log holds, as much of it as is there; null where there is no such file. */
export async function readNearJson(near: Nearby, path: string): Promise<NearDocument | null> {
  const source = await near.open(path);
  if (source === null) return null;
  const { size } = source;
  const tooLong = size > longestLine;
  const bytes = tooLong ? new Uint8Array(0) : await source.read(0, size);
  const problems: { readonly code: IssueCode; readonly message: string }[] = [];
  const parsed = parseDocument({ bytes, from: 0, to: size, line: 1, last: true, tooLong }, (code, message) =>
    problems.push({ code, message: `${path}: ${message}` }),
  );
  return { record: parsed?.record ?? null, problems };
}
