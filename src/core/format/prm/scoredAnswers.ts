import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields, toNumber } from "../fields.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { numericColumn } from "../numericColumn.ts";
import { stepTexts } from "./stepTexts.ts";
import { stepTurn } from "./stepTurn.ts";

/** Best-of-N output of RLHFlow's scorer: the answers of a prompt, each with a probability a step; a group. */
export function readScoredAnswers(
  record: Readonly<Record<string, unknown>>,
  place: RecordPlace,
): readonly Trajectory[] {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const prompt = fields.text("prompt") ?? "";
  const scores = fields.list("step_scores") ?? [];
  const labels = fields.has("label") ? (fields.list("label") ?? []) : [];
  const answers = stepTexts(fields, "answers");
  if (scores.length !== answers.length)
    fields.wrong("step_scores", `has ${scores.length} entries for ${answers.length} answers`);
  const turns = answers.map((answer, i) => scoredTurn(answer, scores[i], { i, fields }));
  const extra = fields.rest();
  return turns.map((turn, i) => {
    const reward = typeof labels[i] === "boolean" ? Number(labels[i]) : (toNumber(labels[i]) ?? NaN);
    return {
      ...textTrajectory(`L${place.line}.${i}`, [textTurn("user", prompt, -1), turn]),
      group: `L${place.line}`,
      groupSource: "line",
      reward,
      success: reward === 1 ? true : reward === 0 ? false : null,
      extra,
    };
  });
}

/** How the Mistral model's steps end. */
const markedEnd = "ки\n";

/** The scorer cuts an answer at the mark of the Mistral model, else at blank lines; it must give as many steps as numbers. */
function scoredTurn(answer: string, value: unknown, { i, fields }: { i: number; fields: Fields }): Turn {
  const scores = Array.isArray(value) ? numericColumn(value) : null;
  if (scores === null) {
    if (value !== undefined && value !== null)
      fields.wrong(`step_scores[${i}]`, "is no list of numbers and is left out");
    return textTurn("assistant", answer, 0);
  }
  const separator = answer.includes(markedEnd) ? markedEnd : "\n\n";
  const texts = answer.split(separator);
  if (texts.length === scores.length)
    return stepTurn({ texts, separator, columns: new Map([["reward", scores]]) }, 0);
  fields.wrong(`step_scores[${i}]`, `has ${scores.length} numbers, and the answer another number of steps`);
  return { ...textTurn("assistant", answer, 0), extra: new Map([["step_scores", value]]) };
}
