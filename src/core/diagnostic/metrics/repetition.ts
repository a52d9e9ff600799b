import type { Trajectory } from "../../rollout/trajectory.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type Measurement, type Plain } from "../diagnostic.ts";
import { policyIds, policyText } from "../loggedFields.ts";
import { mostRepeated } from "../ngrams.ts";
import { reflectionCount, repeatness } from "../repetition.ts";

interface Limits {
  readonly alarm: number;
  readonly ngram: number;
  readonly times: number;
}

/** Repetition and filler of each rollout, with the flags by which SPEAR drops responses. */
export const repetition = diagnostic({
  id: "repetition",
  label: "Repetition and filler",
  doc: "How much a response repeats itself (0 to 1, over its suffixes), how often it announces a second look, and whether it shows the marks of a loop: an n-gram many times over, cut off, broken characters.",
  paper: "https://arxiv.org/abs/2504.15275",
  status: "code",
  scope: "rollout",
  needs: ["turn.content"],
  params: {
    alarm: { kind: "number", default: 0.2, min: 0, max: 1, doc: "repeatness that is worth a look" },
    ngram: {
      kind: "number",
      whole: true,
      default: 20,
      min: 1,
      doc: "length of the n-grams that are counted",
    },
    times: {
      kind: "number",
      whole: true,
      default: 10,
      min: 2,
      doc: "how often one n-gram may be there before it is a loop",
    },
  },
  presets: { "released:pure": {} },
  measure: (limits) => ({
    batch: (batch) =>
      batch.members.map(({ trajectory }) => ({
        scope: rolloutScope(batch, trajectory),
        ...repetitionOf(trajectory, limits),
      })),
    end: () => [],
  }),
});

function repetitionOf(trajectory: Trajectory, { alarm, ngram, times }: Limits): Omit<Measurement, "scope"> {
  const text = policyText(trajectory);
  if (text === null) return { value: NaN, evidence: {}, missing: ["turn.content"] };
  const ids = policyIds(trajectory);
  const most = mostRepeated(ids ?? text.split(/\s+/), ngram);
  const value = repeatness(text);
  const broken = text.split("�").length - 1;
  const evidence: Record<string, Plain> = {
    reflections: reflectionCount(text),
    paragraphs: text.split("\n\n").length,
    most_repeated: most,
    unit: ids === null ? "word" : "token",
    broken_characters: broken,
    truncated: trajectory.truncated,
  };
  return { value, evidence, alarm: value >= alarm || most >= times || broken > 0 };
}
