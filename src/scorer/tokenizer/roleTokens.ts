import { isRecord } from "../../core/format/isRecord.ts";
import { tokenOfRole } from "../../core/head/sequenceEnds.ts";
import type { Json } from "./tokenizerJson.ts";

/** Names of the tokens that a tokenizer_config.json makes special: those it gives a role, and those it lists. */
export function roleTokens(config: Json): ReadonlySet<string> {
  const roles = Object.keys(config).filter((name) => name.endsWith("_token"));
  const lists = [config["additional_special_tokens"], config["extra_special_tokens"]];
  const listed = lists.flatMap((list) =>
    isRecord(list) ? Object.values(list) : Array.isArray(list) ? (list as unknown[]) : [],
  );
  const named = [...roles.map((role) => config[role]), ...listed].map((token) =>
    tokenOfRole({ token }, "token"),
  );
  return new Set(named.filter((name) => name !== null));
}
