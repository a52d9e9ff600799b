import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { trainedOnly, withoutFiller } from "../filler.ts";
import type { FileContext } from "../format.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { runTurns } from "../maskRuns.ts";
import { stepOfFolder } from "../pathFacts.ts";
import { tokenKey } from "../tokenKey.ts";
import { readTokenColumn, readTokenIds, readTokenMask } from "../tokenIds.ts";

/**
 * prime-rl's export of what its trainer computed (`trainer.enable_token_export`,
 * `token_exports/step_<N>/rank_<R>.jsonl`): a packed sequence a line, ids without text, so its turns are the runs of the
 * loss mask. `inference_logprobs` are the sampler's and become `logprobs`; `trainer_logprobs` keep their name: they are
 * those of the weights about to be updated, and `old_logprobs` would promise more. Logprobs and advantages
 * are filled with zeros outside the mask, and what is computed from them means nothing there: those are missing. The
 * episode of a sequence has the same ids (`tokenKey`).
 */
export const primeRlTokens = jsonLinesFormat({
  id: "primeRlTokens",
  label: "prime-rl token export",
  written: "prime-rl 0.6 to 0.8 (559b44772, 2026-08-21); a run's own exports of June 2026 (004274ec9)",
  lacks: "text, groups, episodes",
  doc: "Token exports of the trainer: ids, loss mask, advantages, logprobs, entropy, KL, importance ratios, clip masks.",
  matches: (record) =>
    Array.isArray(record["token_ids"]) &&
    Array.isArray(record["loss_mask"]) &&
    Array.isArray(record["inference_logprobs"]),
  joinKey: (trajectory) => tokenKey(trajectory) ?? NaN,
  isHalf: true,
  beside: isComplete,
  read: (record, place) => [readSequence(record, place)],
});

/** An empty file `STABLE` marks a step whose ranks have all written. */
async function isComplete({ near }: FileContext): Promise<boolean> {
  return (await near.list(".")).includes("STABLE");
}

/** Columns that are filled with zeros outside the loss mask. */
const filled = new Set(["advantages", "inference_logprobs", "trainer_logprobs"]);
/** Columns that say something only where the trainer had both logprobs. */
const compared = new Set([
  "mismatch_kl",
  "log_importance_ratio",
  "importance_ratio",
  "prob_delta",
  "is_masked",
  "is_masked_high",
  "is_masked_low",
]);
const others = ["entropy", "rl_weights", "ce_weights", "ref_kl_weights", "position_ids"];

function readSequence(
  record: Readonly<Record<string, unknown>>,
  place: RecordPlace & { readonly beside: boolean },
): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const ids = readTokenIds(fields, "token_ids");
  const n = ids?.length ?? fields.list("loss_mask")?.length ?? 0;
  const mask = readTokenMask(fields, "loss_mask", n) ?? new Uint8Array(n);
  const columns = new Map<string, Float64Array>();
  for (const name of [...filled, ...others, ...compared]) {
    const logged = readTokenColumn(fields, name, n);
    if (logged === null) continue;
    const column = filled.has(name)
      ? withoutFiller(logged, mask, 0)
      : compared.has(name)
        ? trainedOnly(logged, mask)
        : logged;
    // Positions count from 0 unless a sequence was cut from another: only then are they news.
    const isNews = name !== "position_ids" || column.some((x, t) => x !== t);
    if (isNews && !column.every(Number.isNaN))
      columns.set(name === "inference_logprobs" ? "logprobs" : name, column);
  }
  const reward = readReward(fields, n);
  const found = runTurns({ n, ids, mask, columns });
  const step = fields.integer("step");
  return {
    ...textTrajectory(`L${place.line}`, found.turns),
    run: fields.key("run_id"),
    trainStep: fields.integer("export_step") ?? step ?? stepOfFolder(place.path),
    reward,
    metadata: place.beside ? undefined : { complete: false },
    signals: found.signals,
    extra: fields.rest(),
  };
}

/** `rewards` (May to June 2026) repeats the rollout's one reward at each of its tokens. */
function readReward(fields: Fields, n: number): number {
  const column = readTokenColumn(fields, "rewards", n);
  const given = column?.filter((x) => !Number.isNaN(x)) ?? new Float64Array(0);
  const [first = NaN] = given;
  if (given.every((x) => x === first)) return first;
  fields.wrong("rewards", "is not the same at all tokens: it is no reward of the rollout and is left out");
  return NaN;
}
