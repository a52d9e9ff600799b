import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { numericColumn } from "../numericColumn.ts";
import { stepTexts } from "../prm/stepTexts.ts";
import { stepTurn } from "../prm/stepTurn.ts";
import { promptKey } from "../promptKey.ts";

/** TRL's stepwise supervision (`trl-lib/math_shepherd`, `trl-lib/prm800k`): a prompt, its steps, a label each. */
export const trlStepwise = jsonLinesFormat({
  id: "trlStepwise",
  label: "TRL stepwise",
  written: "TRL 1.10 (main at f2cd57710, 2026-07-24), stepwise supervision",
  lacks: "tokens, rewards, train steps",
  doc: "`prompt` (text or messages), `completions` (steps), `labels` (true, false, or a number a step).",
  matches: (record) =>
    (typeof record["prompt"] === "string" || Array.isArray(record["prompt"])) &&
    Array.isArray(record["completions"]) &&
    record["completions"].every((step) => typeof step === "string") &&
    Array.isArray(record["labels"]),
  columns: (names) => ["prompt", "completions", "labels"].every((name) => names.includes(name)),
  read: (record, place) => [readSolution(record, place)],
});

/** TRL's trainer puts it behind each step unless told otherwise (`step_separator`). */
const separator = "\n";

function readSolution(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const before = readPrompt(fields, place);
  const texts = stepTexts(fields, "completions");
  const columns = readLabels(fields, texts.length);
  return {
    ...textTrajectory(`L${place.line}`, [
      ...before,
      stepTurn({ texts, separator, columns }, before.length - 1),
    ]),
    group: promptKey(before.map(({ role, content }) => `${role}\n${content}`).join("\n")),
    groupSource: "same-prompt",
    extra: fields.rest(),
  };
}

/** A message of the prompt is no rollout, whoever wrote it. */
function readPrompt(fields: Fields, place: RecordPlace): readonly Turn[] {
  const prompt = fields.raw("prompt");
  if (typeof prompt === "string") return [textTurn("user", prompt, -1)];
  const report: RecordPlace["report"] = (code, text) => place.report(code, text);
  return (fields.list("prompt") ?? []).map((message, i) => ({
    ...readChatMessage(message, { where: `prompt[${i}]`, parent: i - 1, report }),
    trainable: false,
  }));
}

/** Right and wrong are labels; other numbers are a reward model's probabilities, or else ratings. */
function readLabels(fields: Fields, n: number): ReadonlyMap<string, Float64Array> {
  const values = fields.list("labels") ?? [];
  const numbers = numericColumn(values);
  if (numbers === null) {
    fields.wrong("labels", "holds something that is neither true, false nor a number; steps have no labels");
    return new Map();
  }
  if (numbers.length !== n) fields.wrong("labels", `has ${numbers.length} entries for ${n} steps`);
  const column = new Float64Array(n).fill(NaN);
  column.set(numbers.subarray(0, n));
  const isLabel = numbers.every((x) => x === 0 || x === 1 || Number.isNaN(x));
  const isProbability = numbers.every((x) => (x >= 0 && x <= 1) || Number.isNaN(x));
  return new Map([[isLabel ? "label" : isProbability ? "reward" : "rating", column]]);
}
