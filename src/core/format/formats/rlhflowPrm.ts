import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import { type Trajectory, turnsNote } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readScoredAnswers } from "../prm/scoredAnswers.ts";
import { partQuestion } from "../prm/question.ts";
import { labelColumn, stepTurn } from "../prm/stepTurn.ts";
import { promptKey } from "../promptKey.ts";

/**
 * RLHFlow's process-reward data (Mistral-PRM-Data, Deepseek-PRM-Data): a conversation in which the user states a step
 * and the assistant answers "+" or "-"; and the output of its best-of-N scoring: answers with a probability a step.
 */
export const rlhflowPrm = jsonLinesFormat({
  id: "rlhflowPrm",
  label: "RLHFlow PRM",
  written: "RLHFlow/RLHF-Reward-Modeling (fc39179)",
  lacks: "tokens, train steps; what stood between the steps",
  doc: "`conversations` of steps answered with + or −; scored best-of-N output with `answers` and `step_scores`.",
  matches: (record) => isJudged(record["conversations"]) || isScored(record),
  // ShareGPT's sets have this column too; of the two only this one's are named after process rewards.
  columns: (names, path) =>
    ["prompt", "answers", "step_scores"].every((name) => names.includes(name)) ||
    (names.includes("conversations") && /prm/i.test(path)),
  read: (record, place) =>
    isScored(record) ? readScoredAnswers(record, place) : [readConversation(record, place)],
});

function isScored(record: Readonly<Record<string, unknown>>): boolean {
  return (
    typeof record["prompt"] === "string" &&
    Array.isArray(record["answers"]) &&
    Array.isArray(record["step_scores"])
  );
}

/** Steps and signs in turn, at least one of each. */
function isJudged(conversation: unknown): boolean {
  if (!Array.isArray(conversation) || conversation.length < 2) return false;
  return conversation.every((message, i) => {
    if (!isRecord(message) || typeof message["content"] !== "string") return false;
    return i % 2 === 0
      ? message["role"] === "user"
      : message["role"] === "assistant" && isSign(message["content"]);
  });
}

function isSign(text: string): boolean {
  return /^\s*[+-]\s*$/.test(text);
}

function readConversation(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const texts: string[] = [];
  const signs: (boolean | null)[] = [];
  (fields.list("conversations") ?? []).forEach((message, i) => {
    const of = new Fields(isRecord(message) ? message : {}, `conversations[${i}]`, (code, text) =>
      place.report(code, text),
    );
    const content = of.text("content") ?? "";
    if (of.text("role") !== "assistant") {
      texts.push(content);
      signs.push(null);
    } else if (isSign(content) && texts.length > 0) signs[texts.length - 1] = content.trim() === "+";
    else of.wrong("content", "is neither + nor - behind a step; the step has no label");
  });
  const { question, step } = partQuestion(texts[0] ?? "");
  const steps = [step, ...texts.slice(1)];
  // The Mistral set numbers its steps, a line each; the Deepseek set's are paragraphs.
  const separator = steps.slice(1).every((text) => /^Step \d+:/.test(text)) ? "\n" : "\n\n";
  const columns = new Map([["label", labelColumn(steps.length, (k) => signs[k] ?? null)]]);
  const solution = stepTurn({ texts: steps, separator, columns }, question === null ? -1 : 0);
  return {
    ...textTrajectory(
      `L${place.line}`,
      question === null ? [solution] : [textTurn("user", question, -1), solution],
    ),
    group: question === null ? null : promptKey(question),
    groupSource: question === null ? "none" : "same-prompt",
    signals: new Map([
      [turnsNote, { source: question === null ? "question and steps not parted" : 'parted at "Step 1:"' }],
    ]),
    extra: fields.rest(),
  };
}
