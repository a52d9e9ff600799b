import type { FileHead, Format } from "./format.ts";
import { chat } from "./formats/chat.ts";
import { rewardlens } from "./formats/rewardlens.ts";
import { verl } from "./formats/verl.ts";

/** Every rollout format, asked in this order: the fallback stands last. Adding one is a file and a line here. */
export const formats = [rewardlens, verl, chat] as const;

export type FormatId = (typeof formats)[number]["id"];

/** The format of a file, null when none recognises it. */
export function sniffFormat(head: FileHead): Format<FormatId> | null {
  return formats.find((format) => format.sniff(head)) ?? null;
}

export function formatOf(id: string): Format<FormatId> | undefined {
  return formats.find((format) => format.id === id);
}
