import { isRecord } from "../format/isRecord.ts";

type Json = Readonly<Record<string, unknown>>;

/** Names of the tokens that a vocabulary puts around a text by itself; null where it puts none. */
export interface SequenceEnds {
  readonly first: string | null;
  readonly last: string | null;
}

/**
 * What tokenizer.json's `post_processor` puts around a text, unless tokenizer_config.json says by `add_bos_token` or
 * `add_eos_token` whether something stands there.
 */
export function sequenceEnds(postProcessor: unknown, config: Json): SequenceEnds {
  const ends = processed(postProcessor);
  return {
    first: configured(config, "add_bos_token", "bos_token", ends.first),
    last: configured(config, "add_eos_token", "eos_token", ends.last),
  };
}

/** The token a tokenizer_config.json gives a role, as `bos_token` or `pad_token`; null where it gives none. */
export function tokenOfRole(config: Json, role: string): string | null {
  const token = config[role];
  const content = isRecord(token) ? token["content"] : token;
  return typeof content === "string" ? content : null;
}

function configured(config: Json, flag: string, role: string, processed: string | null): string | null {
  const isAdded = config[flag];
  if (typeof isAdded !== "boolean") return processed;
  return isAdded ? (tokenOfRole(config, role) ?? processed) : null;
}

function processed(processor: unknown): SequenceEnds {
  const none: SequenceEnds = { first: null, last: null };
  if (!isRecord(processor)) return none;
  switch (processor["type"]) {
    case "Sequence":
      return listOf(processor["processors"]).reduce<SequenceEnds>((ends, each) => {
        const own = processed(each);
        return { first: own.first ?? ends.first, last: own.last ?? ends.last };
      }, none);
    case "BertProcessing":
    case "RobertaProcessing":
      return { first: nameOf(listOf(processor["cls"])[0]), last: nameOf(listOf(processor["sep"])[0]) };
    case "TemplateProcessing": {
      const items = listOf(processor["single"]).filter(isRecord);
      const text = items.findIndex((item) => "Sequence" in item);
      const special = items.map((item) =>
        isRecord(item["SpecialToken"]) ? nameOf(item["SpecialToken"]["id"]) : null,
      );
      return { first: text > 0 ? special[0]! : null, last: text < items.length - 1 ? special.at(-1)! : null };
    }
    default:
      return none;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function nameOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
