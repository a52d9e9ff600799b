import { bareTokens } from "../../rollout/bareTokens.ts";
import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { type SplitTurns, templateTurns } from "../message/templateTurns.ts";
import { numericColumn } from "../numericColumn.ts";
import { promptKey } from "../promptKey.ts";

/**
 * SkyRL's evaluation dumps (`trainer.dump_eval_results`): `dumped_evals/{eval_only | global_step_<N>_evals}/<source>.jsonl`,
 * texts with special tokens kept. `score` is a number, or one a response token where the generator rewards tokens.
 */
export const skyrl = jsonLinesFormat({
  id: "skyrl",
  label: "SkyRL",
  written: "SkyRL (main at a9564572e, 2026-08-21)",
  lacks: "token ids and texts, logprobs, advantages; training batches are pickles and are refused",
  doc: "Evaluation dumps: `input_prompt`, `output_response`, `score`; groups from equal prompts, the step from the folder.",
  matches: (record) =>
    typeof record["input_prompt"] === "string" &&
    typeof record["output_response"] === "string" &&
    "score" in record,
  read: (record, place) => [readRow(record, place)],
});

function readRow(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const prompt = fields.text("input_prompt") ?? "";
  const response = fields.text("output_response") ?? "";
  const rewards = Array.isArray(record["score"]) ? tokenRewards(fields) : null;
  const { turns, signals } =
    rewards === null ? templateTurns(prompt, response) : rewarded(prompt, response, rewards);
  const stop = record["stop_reason"];
  const step = /(?:^|\/)global_step_(\d{1,15})_evals\/[^/]*$/.exec(place.path)?.[1];
  return {
    ...textTrajectory(`L${place.line}`, turns),
    group: promptKey(prompt),
    groupSource: "same-prompt",
    trainStep: step === undefined ? null : Number(step),
    split: "validation",
    // A list is the reward itself, token by token; its sum is the outcome (docs/contract.md, "Where the reward is").
    reward: Array.isArray(record["score"]) ? NaN : fields.number("score"),
    truncated: typeof stop === "string" ? stop === "length" : null,
    answer: answerOf(record["env_extras"]),
    signals,
    extra: fields.rest(),
  };
}

function tokenRewards(fields: Fields): Float64Array | null {
  const column = numericColumn(fields.list("score") ?? []);
  if (column === null)
    fields.wrong("score", "is a list that holds something other than numbers; it is left out");
  return column !== null && column.length > 0 ? column : null;
}

/** One number a response token: the response stays one turn, as which of its tokens lie in which turn is not known. */
function rewarded(prompt: string, response: string, rewards: Float64Array): SplitTurns {
  const { turns, signals } = templateTurns(prompt, "");
  const columns = new Map([["rewards", rewards]]);
  const tokens = bareTokens({ n: rewards.length, ids: null, mask: null, columns }, true);
  const before = turns.slice(0, -1);
  return { turns: [...before, { ...textTurn("assistant", response, before.length - 1), tokens }], signals };
}

/** `reward_spec.ground_truth` of the data set's row. */
function answerOf(extras: unknown): string | null {
  const spec = isRecord(extras) ? extras["reward_spec"] : null;
  const truth = isRecord(spec) ? spec["ground_truth"] : null;
  return truth === null || truth === undefined
    ? null
    : typeof truth === "string"
      ? truth
      : JSON.stringify(truth);
}
