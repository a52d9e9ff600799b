import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat } from "../jsonLines.ts";
import { readLabelledSolution } from "../prm/labelledSolution.ts";

/**
 * PRM800K: solutions whose steps people rated. At each step several completions were offered; the chosen ones are the
 * trajectory, each other one is a leaf `ID#step.completion` that shares the steps before it.
 */
export const prm800k = jsonLinesFormat({
  id: "prm800k",
  label: "PRM800K",
  written: "openai/prm800k (7ecc794): phase1 and phase2",
  lacks: "tokens, rewards, train steps",
  doc: "`question`, `label.steps` with rated `completions`; the chosen path is a trajectory, alternatives are leaves.",
  matches: (record) =>
    "labeler" in record &&
    isRecord(record["question"]) &&
    isRecord(record["label"]) &&
    Array.isArray(record["label"]["steps"]),
  read: readLabelledSolution,
});
