import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { SignalNote, Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { readId } from "../readId.ts";

/**
 * RAGEN's evaluation rollouts with `output.format=jsonl`. Its training dumps are verl's. The reward of an action stands
 * only in the text of the state after it, as " (reward: x)".
 */
export const ragen = jsonLinesFormat({
  id: "ragen",
  label: "RAGEN",
  written: "RAGEN (main at 20daedc, 2026-04-14)",
  lacks: "tokens, logprobs, train steps; turn rewards as numbers",
  doc: "`custom_id`, `messages`, `metadata` with `group_id`, `total_reward`, `success`; turn rewards from the text.",
  matches: ({ custom_id: id, messages, metadata }) =>
    typeof id === "string" && Array.isArray(messages) && isRecord(metadata) && "group_id" in metadata,
  read: (record, place) => [readRollout(record, place)],
});

function readRollout(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const turns = (fields.list("messages") ?? []).map((message, i) =>
    readChatMessage(message, { where: `messages[${i}]`, parent: i - 1, report }),
  );
  const metadata = fields.object("metadata") ?? {};
  const of = new Fields(metadata, "metadata", report);
  const group = of.key("group_id");
  const id = readId(fields, "custom_id");
  const rewarded = turnRewards(turns);
  return {
    ...textTrajectory(id ?? `L${place.line}`, rewarded),
    idLogged: id !== null,
    group,
    groupSource: group === null ? "none" : "explicit",
    split: "validation",
    reward: of.number("total_reward"),
    success: typeof metadata["success"] === "number" ? metadata["success"] > 0 : of.flag("success"),
    metadata,
    signals: rewarded.some(({ reward }) => !Number.isNaN(reward)) ? fromText : new Map(),
    extra: fields.rest(),
  };
}

const fromText: ReadonlyMap<string, SignalNote> = new Map([
  ["turnReward", { source: "parsed from the text", level: "turn" }],
]);

/** The end of a state's text, written once; anywhere else it may be the environment's own words. */
const rewardInText = /\(reward: ([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\)\s*$/i;

/** Gives each answer of the model the reward that the next message ends with. */
function turnRewards(turns: readonly Turn[]): readonly Turn[] {
  return turns.map((turn, i) => {
    const next = turns[i + 1];
    if (turn.role !== "assistant" || next === undefined || next.role === "assistant") return turn;
    const isOne = next.content.split("(reward: ").length === 2;
    const reward = isOne ? rewardInText.exec(next.content)?.[1] : undefined;
    return reward === undefined ? turn : { ...turn, reward: Number(reward) };
  });
}
