import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import { type SignalNote, type Trajectory, type Turn, turnsNote } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import type { Conversation } from "./logtree.ts";
import { readLoggedMessage } from "./message.ts";

type Json = Readonly<Record<string, unknown>>;

/** One step of a rollout: an observation, an action, a reward. Texts are not in it. */
interface Step {
  readonly reward: number;
  readonly extra: ReadonlyMap<string, unknown>;
}

/** A line of `<base>_rollout_summaries.jsonl`; its text is the conversation of the same place in the log tree. */
export function readSummary(
  record: Json,
  place: RecordPlace & { readonly beside: readonly Conversation[] },
): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const group = fields.key("group_idx");
  const index = fields.key("traj_idx");
  const base = /([^/]*)_rollout_summaries\.jsonl$/.exec(place.path)?.[1] ?? fields.text("split") ?? "train";
  const finalReward = fields.number("final_reward");
  const steps = readSteps(fields, finalReward, report);
  const conversation = conversationOf(record, place);
  const { turns, signals, isPlaced } =
    conversation === null ? placeholders(steps) : joined(conversation, steps, report);
  const isNamed = group !== null && index !== null;
  const isTrain = base === "train";
  fields.raw("split");
  const trainStep = fields.integer("iteration");
  const reward = fields.number("total_reward");
  const extra = fields.rest();
  if (!isPlaced) extra.set("steps", record["steps"]);
  const withFinal = isPlaced && finalReward !== 0 && !Number.isNaN(finalReward);
  return {
    ...textTrajectory(isNamed ? `${group}_${index}` : `L${place.line}`, turns),
    idLogged: isNamed,
    // Groups are counted anew in each file of an iteration.
    group: group === null || isTrain ? group : `${base} ${group}`,
    groupSource: group === null ? "none" : "explicit",
    trainStep,
    split: isTrain ? "train" : "validation",
    reward,
    rewards: Number.isNaN(finalReward) ? new Map() : new Map([["final_reward", finalReward]]),
    signals: withFinal ? new Map([...signals, ...finalNote]) : signals,
    extra,
  };
}

const finalNote: ReadonlyMap<string, SignalNote> = new Map([
  ["turnReward", { source: "step rewards; the last turn's holds the final reward too", level: "turn" }],
]);

/** The final reward comes after the last step: with it the turns' rewards sum up to the total. */
function readSteps(fields: Fields, finalReward: number, report: RecordPlace["report"]): readonly Step[] {
  const values = fields.list("steps") ?? [];
  return values.map((value, i) => {
    if (!isRecord(value)) report("bad-field", `steps[${i}] is not an object; the step is shown empty.`);
    const step = new Fields(isRecord(value) ? value : {}, `steps[${i}]`, report);
    const own = step.number("reward");
    const isLast = i === values.length - 1 && finalReward !== 0 && !Number.isNaN(finalReward);
    return { reward: isLast ? (Number.isNaN(own) ? 0 : own) + finalReward : own, extra: step.rest() };
  });
}

/**
 * The tree has the first groups' conversations in the order of the lines, and names none of them; a line whose indices
 * cannot stand at its place takes none.
 */
function conversationOf(
  record: Json,
  { beside, line }: { readonly beside: readonly Conversation[]; readonly line: number },
): Conversation | null {
  const [group, index] = [record["group_idx"], record["traj_idx"]];
  const order = line - 1;
  if (typeof group !== "number" || typeof index !== "number") return null;
  const isPossible = order === 0 ? group === 0 && index === 0 : order >= group + index && group + index > 0;
  return isPossible ? (beside[order] ?? null) : null;
}

interface Turns {
  readonly turns: readonly Turn[];
  readonly signals: ReadonlyMap<string, SignalNote>;
  /** Each step has its turn. */
  readonly isPlaced: boolean;
}

/** Rewards and counts without the texts that were not logged. */
function placeholders(steps: readonly Step[]): Turns {
  return {
    turns: steps.map(({ reward, extra }, i) => ({ ...textTurn("assistant", "", i - 1), reward, extra })),
    signals: new Map([[turnsNote, { source: "a turn a step; their texts are not logged" }]]),
    isPlaced: true,
  };
}

/** The model's last messages are its steps: those before them are examples in the prompt. */
function joined(conversation: Conversation, steps: readonly Step[], report: RecordPlace["report"]): Turns {
  const turns = conversation.map((message, i) =>
    readLoggedMessage(message, { where: `conversation[${i}]`, parent: i - 1, report }),
  );
  const own = turns.flatMap(({ role }, i) => (role === "assistant" ? [i] : []));
  if (own.length < steps.length) {
    const source = `text of the log tree, by order; ${steps.length} steps for ${own.length} answers`;
    return { turns, signals: new Map([[turnsNote, { source }]]), isPlaced: false };
  }
  const first = own.length - steps.length;
  const stepOf = new Map(own.slice(first).map((turn, k) => [turn, steps[k]!]));
  const examples = new Set(own.slice(0, first));
  return {
    turns: turns.map((turn, i) => {
      const step = stepOf.get(i);
      if (step === undefined) return examples.has(i) ? { ...turn, trainable: false } : turn;
      return { ...turn, reward: step.reward, extra: new Map([...turn.extra, ...step.extra]) };
    }),
    signals: new Map([[turnsNote, { source: "text of the log tree, by order" }]]),
    isPlaced: true,
  };
}
