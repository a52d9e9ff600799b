import type { FileHead, Format } from "./format.ts";
import { areal } from "./formats/areal.ts";
import { art } from "./formats/art.ts";
import { atif } from "./formats/atif.ts";
import { atropos } from "./formats/atropos.ts";
import { chat } from "./formats/chat.ts";
import { claudeCode } from "./formats/claudeCode.ts";
import { harbor } from "./formats/harbor.ts";
import { inspect } from "./formats/inspect.ts";
import { mathShepherd } from "./formats/mathShepherd.ts";
import { miniSweAgent } from "./formats/miniSweAgent.ts";
import { openaiChat } from "./formats/openaiChat.ts";
import { openHands } from "./formats/openHands.ts";
import { nemoRl } from "./formats/nemoRl.ts";
import { otlp } from "./formats/otlp.ts";
import { primeRlStream } from "./formats/primeRlStream.ts";
import { primeRlTokens } from "./formats/primeRlTokens.ts";
import { prm800k } from "./formats/prm800k.ts";
import { processBench } from "./formats/processBench.ts";
import { ragen } from "./formats/ragen.ts";
import { rewardlens } from "./formats/rewardlens.ts";
import { rlhflowPrm } from "./formats/rlhflowPrm.ts";
import { rllm } from "./formats/rllm.ts";
import { shareGpt } from "./formats/shareGpt.ts";
import { skyrl } from "./formats/skyrl.ts";
import { sweAgent } from "./formats/sweAgent.ts";
import { tinker } from "./formats/tinker.ts";
import { trl } from "./formats/trl.ts";
import { trlStepwise } from "./formats/trlStepwise.ts";
import { verl } from "./formats/verl.ts";
import { verifiers } from "./formats/verifiers.ts";
import { verifiersLegacy } from "./formats/verifiersLegacy.ts";

/** Every rollout format, asked in this order: the fallback stands last. Adding one is a file and a line here. */
export const formats = [
  tinker,
  rewardlens,
  inspect,
  atif,
  harbor,
  sweAgent,
  openHands,
  miniSweAgent,
  primeRlTokens,
  primeRlStream,
  verifiers,
  verifiersLegacy,
  nemoRl,
  atropos,
  verl,
  trl,
  areal,
  skyrl,
  prm800k,
  processBench,
  mathShepherd,
  rlhflowPrm,
  trlStepwise,
  art,
  ragen,
  shareGpt,
  openaiChat,
  rllm,
  otlp,
  claudeCode,
  chat,
] as const;

export type FormatId = (typeof formats)[number]["id"];

/** The format of a file, null when none recognises it. */
export function sniffFormat(head: FileHead): Format<FormatId> | null {
  return formats.find((format) => format.sniff(head)) ?? null;
}

export function formatOf(id: string): Format<FormatId> | undefined {
  return formats.find((format) => format.id === id);
}
