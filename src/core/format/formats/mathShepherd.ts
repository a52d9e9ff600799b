import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import { type Trajectory, turnsNote } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { partQuestion } from "../prm/question.ts";
import { labelColumn, stepTurn } from "../prm/stepTurn.ts";
import { promptKey } from "../promptKey.ts";

/** The mark behind each step; in `label` a "+" or "-" stands in its place. */
const mark = "ки";

/** Math-Shepherd: a question with its solution glued to it, and the same text with a sign at the end of each step. */
export const mathShepherd = jsonLinesFormat({
  id: "mathShepherd",
  label: "Math-Shepherd",
  written: "peiyi9979/Math-Shepherd",
  lacks: "tokens, rewards, train steps",
  doc: "`input` (steps ended by `ки`), `label` (the same text with + or − there), `task`.",
  matches: (record) =>
    typeof record["input"] === "string" &&
    typeof record["label"] === "string" &&
    "task" in record &&
    (record["input"].includes(mark) || /[+-]\s*$/.test(record["label"])),
  columns: (names) => ["input", "label", "task"].every((name) => names.includes(name)) && names.length === 3,
  read: (record, place) => [readSolution(record, place)],
});

function readSolution(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const pieces = (fields.text("input") ?? "").split(mark);
  const signs = readSigns(fields, pieces);
  const { question, step } = partQuestion(pieces[0]!);
  const texts = [step, ...pieces.slice(1)].map((text) => text.trim());
  // Text behind the last mark is a step that no one judged.
  if (pieces.length > 1 && texts.at(-1) === "") texts.pop();
  const label = labelColumn(texts.length, (k) => signs[k] ?? null);
  const solution = stepTurn(
    { texts, separator: "\n", columns: new Map([["label", label]]) },
    question === null ? -1 : 0,
  );
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

/** The signs of the steps, as far as `label` is `input` with signs in place of the marks. */
function readSigns(fields: Fields, pieces: readonly string[]): readonly boolean[] {
  const label = fields.text("label") ?? "";
  const signs: boolean[] = [];
  let at = 0;
  for (const piece of pieces.slice(0, -1)) {
    const sign = label[at + piece.length];
    if (!label.startsWith(piece, at) || (sign !== "+" && sign !== "-")) {
      fields.wrong(
        "label",
        `is not \`input\` with + or - for each ${mark}; steps from ${signs.length + 1} on have no label`,
      );
      return signs;
    }
    signs.push(sign === "+");
    at += piece.length + 1;
  }
  if (pieces.length === 1) fields.wrong("input", `holds no ${mark}: the row has no steps`);
  else if (label.slice(at) !== pieces.at(-1)) fields.wrong("label", "does not end as `input` does");
  return signs;
}
