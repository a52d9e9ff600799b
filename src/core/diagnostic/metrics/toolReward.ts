import type { Trajectory } from "../../rollout/trajectory.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { loggedText, responseOf } from "../loggedFields.ts";
import { type CallScale, MalformedCall, toolScore } from "../toolCallReward.ts";

/** ToolRL's reward, recomputed from a response and its gold answer. */
export const toolReward = diagnostic({
  id: "toolReward",
  label: "Tool call reward",
  doc: "Format and correctness of tool calls: how well names, parameter names and values match those of the gold answer, which `answer` holds with its `<tool_call>` block. A logged reward is compared with it.",
  paper: "https://arxiv.org/abs/2504.13958",
  status: "code",
  scope: "rollout",
  needs: ["trajectory.answer"],
  params: {
    max: { kind: "number", default: 3, doc: "correctness of equal calls" },
    min: { kind: "number", default: -3, doc: "correctness of calls that cannot be read" },
    grain: {
      kind: "choice",
      choices: ["fine", "intermediate", "coarse", "strict"],
      default: "fine",
      doc: "calls count by keys and values, only when equal, only all equal, or with their order",
    },
    withLength: { kind: "boolean", default: false, doc: "add the length of the thought, up to 512 words" },
  },
  presets: { "released:toolrl": {} },
  measure: (params) => ({
    batch: (batch) =>
      batch.members.map(({ trajectory }) => ({
        scope: rolloutScope(batch, trajectory),
        ...scoreOf(trajectory, params),
      })),
    end: () => [],
  }),
});

function scoreOf(
  trajectory: Trajectory,
  params: CallScale & { readonly withLength: boolean },
): Omit<Measurement, "scope"> {
  const gold = loggedText(trajectory, "answer");
  const response = responseOf(trajectory);
  if (gold === null || response === null) {
    const missing = [gold === null ? "trajectory.answer" : "turn.content"];
    return { value: NaN, evidence: {}, missing };
  }
  try {
    const { total, ...parts } = toolScore(response, gold, params);
    return { value: total, evidence: { ...parts, logged: trajectory.reward } };
  } catch (error) {
    if (!(error instanceof MalformedCall)) throw error;
    return { value: NaN, evidence: { gold: error.message }, missing: ["trajectory.answer"] };
  }
}
