import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import type { FileContext } from "../format.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { splitOfPath, stepOfFolder } from "../pathFacts.ts";
import { parseTolerantJson } from "../tolerantJson.ts";
import { readMessages } from "../verifiersLegacy/messages.ts";
import { withSteps } from "../verifiersLegacy/steps.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * verifiers before v1 (`vf-eval`: `results.jsonl` with `metadata.json` beside it) and prime-rl's `train_rollouts.jsonl`
 * and `eval_rollouts*.jsonl` of April to June 2026: a rollout a line. `metrics` holds the scores of reward functions and
 * of metrics without telling them apart; the top level repeats them. Rows have no id; those of an example are its group.
 */
export const verifiersLegacy = jsonLinesFormat({
  id: "verifiersLegacy",
  label: "verifiers before v1",
  written:
    "verifiers 0.1.x (verifiers/legacy at a60a606ec, 2026-08-21); prime-rl rollouts of April to June 2026",
  lacks: "tokens and turn rewards unless `trajectory` was saved",
  doc: "Evaluation results: prompt and completion messages, reward, metrics; groups from `example_id`.",
  matches: (record) => "example_id" in record && "completion" in record && "reward" in record,
  beside: readMetadata,
  read: (record, place) => [readRow(record, place)],
});

/** Of `metadata.json`, what tells runs apart. */
const told = ["env_id", "env_args", "model", "sampling_args", "version_info"] as const;
const largestMetadata = 1 << 20;

async function readMetadata({ near }: FileContext): Promise<Json | undefined> {
  const file = await near.open("metadata.json");
  if (file === null || file.size > largestMetadata) return undefined;
  const parsed = parseTolerantJson(new TextDecoder().decode(await file.read(0, file.size)));
  if (!parsed.ok || !isRecord(parsed.value)) return undefined;
  const { value } = parsed;
  const known = told.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]] as const]));
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function readRow(record: Json, place: RecordPlace & { readonly beside: Json | undefined }): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const prompt = readMessages({ name: "prompt", value: fields.raw("prompt"), first: 0, report });
  const first = prompt.length;
  const completion = readMessages({ name: "completion", value: fields.raw("completion"), first, report });
  const turns = [...prompt, ...completion];
  const { trajectory: steps } = record;
  const stepped = Array.isArray(steps) && steps.length > 0 ? withSteps(turns, steps, report) : null;
  if (stepped !== null) fields.raw("trajectory");
  const group = fields.key("example_id");
  const rewards = readMetrics(record, fields);
  return {
    ...textTrajectory(`L${place.line}`, stepped ?? turns),
    group,
    groupSource: group === null ? "none" : "explicit",
    trainStep: stepOfFolder(place.path),
    split: splitOfPath(place.path),
    reward: fields.number("reward"),
    rewards,
    truncated: fields.flag("is_truncated"),
    answer: fields.key("answer"),
    metadata: place.beside,
    extra: fields.rest(),
  };
}

/** Scores by name; what is no number stays in `metrics`. */
function readMetrics(record: Json, fields: Fields): Map<string, number> {
  const scores = new Map<string, number>();
  const entries = Object.entries(fields.object("metrics") ?? {});
  for (const [name, value] of entries) {
    if (typeof value !== "number" && value !== null) {
      fields.wrong(
        "metrics",
        `holds ${JSON.stringify(name).slice(0, 60)}, which is not a number and is left out`,
      );
      continue;
    }
    scores.set(name, value ?? NaN);
    if (Object.hasOwn(record, name) && record[name] === value) fields.raw(name);
  }
  return scores;
}
