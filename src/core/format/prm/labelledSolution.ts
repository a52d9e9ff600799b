import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { promptKey } from "../promptKey.ts";
import { labelColumn, stepTurn } from "./stepTurn.ts";

/** A completion of one step, as rated. */
interface Completion {
  readonly text: string;
  /** −1, 0 or +1; NaN = not rated. */
  readonly rating: number;
  readonly rest: ReadonlyMap<string, unknown>;
}

/** What was offered at one step, and what the path goes on with; null where it ends before. */
interface Choice {
  readonly completions: readonly Completion[];
  readonly chosen: Completion | null;
}

/** Characters of the leaves of one record: each repeats the steps before it, and a log could make that squares. */
const mostLeafText = 1 << 24;

/** A row of PRM800K: the chosen path, then a leaf for each other completion, in the order of the steps. */
export function readLabelledSolution(
  record: Readonly<Record<string, unknown>>,
  place: RecordPlace,
): readonly Trajectory[] {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const question = new Fields(fields.object("question") ?? {}, "question", report);
  const label = new Fields(fields.object("label") ?? {}, "label", report);
  const problem = question.text("problem") ?? "";
  const own = question.raw("pre_generated_steps");
  const choices = (label.list("steps") ?? []).map((step, k) =>
    readChoice(step, { where: `label.steps[${k}]`, own: Array.isArray(own) ? own[k] : undefined, report }),
  );
  const finish = label.raw("finish_reason");
  const answer = question.key("ground_truth_answer");
  const extra = fields.rest();
  extra.set("question", Object.fromEntries([...question.rest(), ["pre_generated_steps", own]]));
  extra.set("label", Object.fromEntries([...label.rest(), ["finish_reason", finish]]));
  const of = (id: string, steps: readonly Completion[]): Trajectory => ({
    ...textTrajectory(id, [textTurn("user", problem, -1), solutionTurn(steps)]),
    group: promptKey(problem),
    groupSource: "same-prompt",
    answer,
  });
  const path = pathOf(choices);
  const id = `L${place.line}`;
  return [
    { ...of(id, path), success: successOf(finish), extra },
    ...leaves(id, { choices, path, of, report }),
  ];
}

function readChoice(
  value: unknown,
  { where, own, report }: { where: string; own: unknown; report: RecordPlace["report"] },
): Choice {
  if (!isRecord(value)) report("bad-field", `${where} is not an object; nothing was offered at this step.`);
  const fields = new Fields(isRecord(value) ? value : {}, where, report);
  const completions = (fields.list("completions") ?? []).map((one, j) =>
    readCompletion(one, `${where}.completions[${j}]`, report),
  );
  const human = fields.has("human_completion")
    ? readCompletion(fields.raw("human_completion"), `${where}.human_completion`, report)
    : null;
  const index = fields.integer("chosen_completion");
  if (index !== null && completions[index] === undefined)
    fields.wrong("chosen_completion", "is no index of a completion and is read as missing");
  // Where the labelling stopped nothing is chosen; the solution that was labelled goes on with its own step.
  const chosen = (index === null ? null : completions[index]) ?? human;
  return {
    completions: human === null ? completions : [...completions, human],
    chosen: chosen ?? completions.find(({ text }) => text === own) ?? null,
  };
}

function readCompletion(value: unknown, where: string, report: RecordPlace["report"]): Completion {
  // Early rows hold a person's completion as its text alone.
  const record = isRecord(value) ? value : typeof value === "string" ? { text: value } : {};
  if (!isRecord(value) && typeof value !== "string")
    report("bad-field", `${where} is not an object; it is read as empty.`);
  const fields = new Fields(record, where, report);
  return { text: fields.text("text") ?? "", rating: fields.number("rating"), rest: fields.rest() };
}

/** The chosen completions, up to where nothing was chosen. */
function pathOf(choices: readonly Choice[]): readonly Completion[] {
  const path: Completion[] = [];
  for (const { chosen } of choices) {
    if (chosen === null) break;
    path.push(chosen);
  }
  return path;
}

function leaves(
  id: string,
  {
    choices,
    path,
    of,
    report,
  }: {
    choices: readonly Choice[];
    path: readonly Completion[];
    of: (id: string, steps: readonly Completion[]) => Trajectory;
    report: RecordPlace["report"];
  },
): readonly Trajectory[] {
  const found: Trajectory[] = [];
  let before = 0;
  let total = 0;
  for (let k = 0; k < choices.length && k <= path.length; k++) {
    for (const [j, completion] of choices[k]!.completions.entries()) {
      if (completion === path[k]) continue;
      total += before + completion.text.length;
      if (total > mostLeafText) {
        report(
          "bad-field",
          `label.steps has more alternatives than can be shown as trajectories; those from step ${k} on are left out.`,
        );
        return found;
      }
      found.push(of(`${id}#${k}.${j}`, [...path.slice(0, k), completion]));
    }
    // A step costs more than its characters.
    before += 32 + (path[k]?.text.length ?? 0);
  }
  return found;
}

function solutionTurn(steps: readonly Completion[]): Turn {
  const columns = new Map([
    ["label", labelColumn(steps.length, (k) => rightOf(steps[k]!.rating))],
    ["rating", Float64Array.from(steps, ({ rating }) => rating)],
  ]);
  const extra = new Map<string, unknown[]>();
  for (const name of new Set(steps.flatMap(({ rest }) => [...rest.keys()]))) {
    const values = steps.map(({ rest }) => rest.get(name) ?? undefined);
    if (values.some((value) => typeof value === "number"))
      columns.set(
        name,
        Float64Array.from(values, (value) => (typeof value === "number" ? value : NaN)),
      );
    const others = values.map((value) => (typeof value === "number" ? undefined : value));
    if (others.some((value) => value !== undefined)) extra.set(name, others);
  }
  return stepTurn({ texts: steps.map(({ text }) => text), separator: "\n", columns, extra }, 0);
}

/** A neutral step is neither right nor wrong. */
function rightOf(rating: number): boolean | null {
  return rating === 1 ? true : rating === -1 ? false : null;
}

/** The labelled solution was followed to its end without a wrong step, or one was found. */
function successOf(finish: unknown): boolean | null {
  return finish === "solution" ? true : finish === "found_error" ? false : null;
}
