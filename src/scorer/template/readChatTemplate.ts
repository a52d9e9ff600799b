import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isRecord } from "../../core/format/isRecord.ts";
import { tokenOfRole } from "../../core/head/sequenceEnds.ts";
import type { ModelFiles } from "../../protocol/scorer.ts";
import { ChatTemplate, TemplateError } from "./chatTemplate.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The chat template a manifest asks for: its own, or the model's (`chat_template.jinja`, else `tokenizer_config.json`).
 * @param config tokenizer_config.json; empty where there is none
 * @returns null where it asks for none @throws TemplateError
 */
export async function readChatTemplate(
  { manifest, tokenizer }: ModelFiles,
  config: Json,
): Promise<ChatTemplate | null> {
  const { chat } = manifest.template;
  if (chat === null) return null;
  const own = join(dirname(tokenizer), "chat_template.jinja");
  const source =
    chat === true ? ((await readFile(own, "utf8").catch(() => null)) ?? templateOf(config)) : chat;
  if (source === null)
    throw new TemplateError("is neither in chat_template.jinja nor in tokenizer_config.json beside it");
  return new ChatTemplate(source, {
    ...manifest.template.variables,
    bos_token: tokenOfRole(config, "bos_token") ?? "",
    eos_token: tokenOfRole(config, "eos_token") ?? "",
  });
}

/** A template, or the one called "default" of several. */
function templateOf(config: Json): string | null {
  const template = config["chat_template"];
  if (typeof template === "string") return template;
  const named = Array.isArray(template) ? template.filter(isRecord) : [];
  const chosen = named.find(({ name }) => name === "default") ?? named[0];
  return typeof chosen?.["template"] === "string" ? chosen["template"] : null;
}
