import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { labelColumn, stepTurn } from "../prm/stepTurn.ts";
import { stepTexts } from "../prm/stepTexts.ts";
import { promptKey } from "../promptKey.ts";
import { readId } from "../readId.ts";

/** ProcessBench: solutions as paragraphs, and the first of them that is wrong. What follows it was not judged. */
export const processBench = jsonLinesFormat({
  id: "processBench",
  label: "ProcessBench",
  written: "Qwen/ProcessBench (repository at e802463)",
  lacks: "tokens, rewards, train steps; labels behind the first wrong step",
  doc: "`problem`, `steps`, `label` (index of the first wrong step, −1 = all are right), `final_answer_correct`.",
  matches: (record) =>
    typeof record["problem"] === "string" &&
    Array.isArray(record["steps"]) &&
    "final_answer_correct" in record &&
    "label" in record,
  columns: (names) =>
    ["problem", "steps", "final_answer_correct", "label"].every((name) => names.includes(name)),
  read: (record, place) => [readSolution(record, place)],
});

function readSolution(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const problem = fields.text("problem") ?? "";
  const texts = stepTexts(fields, "steps");
  const wrong = firstWrong(fields, texts.length);
  const label = labelColumn(texts.length, (k) =>
    wrong === null || (wrong >= 0 && k > wrong) ? null : k !== wrong,
  );
  const id = readId(fields, "id");
  return {
    ...textTrajectory(id ?? `L${place.line}`, [
      textTurn("user", problem, -1),
      stepTurn({ texts, separator: "\n\n", columns: new Map([["label", label]]) }, 0),
    ]),
    idLogged: id !== null,
    group: promptKey(problem),
    groupSource: "same-prompt",
    success: fields.flag("final_answer_correct"),
    extra: fields.rest(),
  };
}

/** Null where the label names no step. */
function firstWrong(fields: Fields, n: number): number | null {
  const label = fields.integerOrText("label");
  if (label === null || (label >= -1 && label < n)) return label;
  fields.wrong("label", `is no index of one of the ${n} steps and is read as missing`);
  return null;
}
