import { rolloutScope } from "../batchScope.ts";
import { diagnostic } from "../diagnostic.ts";
import { policyIds } from "../loggedFields.ts";
import { distinctPenalty, ngramPenalty } from "../ngrams.ts";

/** The repetition penalty of HAPO (after "Demystifying long chain-of-thought"). */
export const ngramRepetition = diagnostic({
  id: "ngramRepetition",
  label: "Repetition penalty",
  doc: "What a response loses for n-grams of tokens that were there before: the mean over its tokens, or by the share of distinct n-grams.",
  paper: "https://arxiv.org/abs/2505.11225",
  status: "code",
  scope: "rollout",
  needs: ["token.ids"],
  params: {
    size: { kind: "number", whole: true, default: 3, min: 1, doc: "length of an n-gram in tokens" },
    maxPenalty: {
      kind: "number",
      default: -1,
      max: 0,
      doc: "what a repeated token gets; the release has 0, which is off",
    },
    onlyStart: {
      kind: "boolean",
      default: false,
      doc: "an n-gram that starts inside a repeated one does not count",
    },
    form: {
      kind: "choice",
      choices: ["covered", "distinct"],
      default: "covered",
      doc: "covered: tokens under a repeated n-gram; distinct: share of n-grams that are no first",
    },
  },
  presets: { "released:hapo": {}, "released:hapoDistinct": { form: "distinct" } },
  measure: ({ form, ...penalty }) => ({
    batch: (batch) =>
      batch.members.map(({ trajectory }) => {
        const scope = rolloutScope(batch, trajectory);
        const ids = policyIds(trajectory);
        if (ids === null) return { scope, value: NaN, evidence: {}, missing: ["token.ids"] };
        const value = form === "covered" ? ngramPenalty(ids, penalty) : distinctPenalty(ids, penalty);
        return {
          scope,
          value,
          evidence: { tokens: ids.length, ngrams: Math.max(0, ids.length - penalty.size + 1) },
        };
      }),
    end: () => [],
  }),
});
