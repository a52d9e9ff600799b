import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { parquetFormat, type RowPlace } from "../parquetRecords.ts";
import { promptKey } from "../promptKey.ts";

/**
 * TRL's logged completions (`log_completions=True`): `completions/completions_<step>.parquet`, a file a logging step, a
 * row a completion. Texts are decoded without special tokens, so that a prompt's role words are left and turns of tools
 * stand inside the completion. Which columns are reward functions nothing says: each that holds numbers is taken for one.
 */
export const trl = parquetFormat({
  id: "trl",
  label: "TRL completions",
  written: "TRL 1.10 (main at f2cd57710, 2026-07-24; the same code in the wheel 1.13.0)",
  lacks: "tokens, logprobs; the weighted sum of several reward functions; turns stand in one text",
  doc: "`completions_*.parquet` of GRPO: `step`, `prompt`, `completion`, `advantage` and a column a reward function. Other columns of numbers (from `log_extra`) cannot be told from reward functions. Groups from equal prompts in rows that follow each other.",
  columns: (names, path) =>
    ["step", "prompt", "completion"].every((name) => names.includes(name)) &&
    (names.includes("advantage") || /(?:^|\/)completions_\d+\.parquet$/.test(path)),
  read: (row, place) => [readRow(row, place)],
});

const own: ReadonlySet<string> = new Set(["step", "prompt", "completion", "advantage"]);

function readRow(row: Readonly<Record<string, unknown>>, place: RowPlace): Trajectory {
  const fields = new Fields(row, "", (code, message) => place.report(code, message));
  const prompt = fields.text("prompt") ?? "";
  const rewards = new Map<string, number>();
  for (const name of Object.keys(row))
    // A reward function that returns None for a completion does not apply to it.
    if (place.numeric.has(name) && !own.has(name)) rewards.set(name, fields.number(name));
  const turns = [textTurn("prompt", prompt, -1), textTurn("assistant", fields.text("completion") ?? "", 0)];
  const step = fields.integer("step") ?? stepOfName(place.path);
  return {
    ...textTrajectory(`L${place.line}`, turns),
    group: promptKey(prompt),
    groupSource: "contiguous",
    trainStep: step,
    reward: rewards.size === 1 ? [...rewards.values()][0]! : NaN,
    rewards,
    metadata: rewards.size > 1 ? { reward: notAdded } : undefined,
    extra: fields.rest(),
  };
}

/** A sum that is made up here would be another than the one that was trained on. */
const notAdded =
  "not logged: TRL adds its reward functions up with weights that stand in the run's configuration alone";

/** `completions_00010.parquet` → 10. */
function stepOfName(path: string): number | null {
  const digits = /(?:^|\/)completions_(\d{1,15})\.[a-z]+$/.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}
