import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type MeasuredMember, type Measurement } from "../diagnostic.ts";
import { hapoReward, LengthHistory } from "../hapoLength.ts";
import { promptOf, responseLength, solvedOf } from "../loggedFields.ts";

/** Length reward of HAPO against the shortest correct answer to the prompt so far. */
export const hapo = diagnostic({
  id: "hapo",
  label: "History-aware length reward (HAPO)",
  doc: "Reward of each response's length against earlier correct answers to the same prompt (field `prompt_id`, else the group); the history takes a train step in after all of it is scored. Length: trained tokens, else the field `response_length`. Correct: `success`, else a positive reward.",
  paper: "https://arxiv.org/abs/2505.11225",
  status: "code",
  scope: "rollout",
  needs: ["trajectory.group", "trajectory.success", "trajectory.response_length"],
  params: {
    form: {
      kind: "choice",
      choices: ["cosine", "linear"],
      default: "cosine",
      doc: "how the reward falls with length over history",
    },
    history: {
      kind: "choice",
      choices: ["min", "mean", "meanReleased"],
      default: "min",
      doc: "shortest or mean correct length; meanReleased takes a batch in once for each of its samples, as the release does",
    },
    weight: { kind: "number", default: 1, doc: "weight of the length reward" },
    tolerance: {
      kind: "number",
      default: 0.1,
      min: 0,
      doc: "share of the history that costs nothing (linear)",
    },
  },
  presets: { "released:hapo": {} },
  measure({ history, ...settings }) {
    const lengths = new LengthHistory(history);
    return {
      batch(batch) {
        const seen = new Map<string, { correct: number[]; samples: number }>();
        const found = batch.members.map((member): Measurement => {
          const scope = rolloutScope(batch, member.trajectory);
          const answer = answerOf(member);
          if ("missing" in answer) return { scope, value: NaN, evidence: {}, missing: answer.missing };
          const { prompt, length, correct } = answer;
          const known = seen.get(prompt) ?? { correct: [], samples: 0 };
          if (correct) known.correct.push(length);
          seen.set(prompt, { ...known, samples: known.samples + 1 });
          const before = lengths.of(prompt);
          const value = hapoReward(before, length, correct, settings);
          const evidence = { prompt, length, correct, history: before === 0 ? null : before };
          return { scope, value, evidence };
        });
        for (const [prompt, { correct, samples }] of seen) lengths.update(prompt, correct, samples);
        return found;
      },
      end: () => [],
    };
  },
});

type Answered = { readonly prompt: string; readonly length: number; readonly correct: boolean };

function answerOf(member: MeasuredMember): Answered | { readonly missing: readonly string[] } {
  const prompt = promptOf(member);
  const length = responseLength(member.trajectory);
  const solved = solvedOf(member.trajectory);
  if (prompt !== null && !Number.isNaN(length) && !Number.isNaN(solved))
    return { prompt, length, correct: solved === 1 };
  return {
    missing: [
      ...(prompt === null ? ["trajectory.group"] : []),
      ...(Number.isNaN(length) ? ["trajectory.response_length"] : []),
      ...(Number.isNaN(solved) ? ["trajectory.success"] : []),
    ],
  };
}
