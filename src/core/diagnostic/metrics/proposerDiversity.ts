import type { Trajectory } from "../../rollout/trajectory.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { fieldOf, loggedNumber, loggedText, responseOf } from "../loggedFields.ts";
import { boxedAnswer, leakOf, problemOf, ProposalHistory, proposerReward } from "../proposer.ts";

interface Limits {
  readonly threshold: number;
  readonly history: number;
  readonly lowest: number;
  readonly leastDiversity: number;
  readonly diversityWeight: number;
}

type Token = string | number;

/** PasoDoble's checks of a proposer: news, leakage, and the reward they give. */
export const proposerDiversity = diagnostic({
  id: "proposerDiversity",
  label: "Proposer diversity and leakage",
  doc: "Share of the latest proposed problems that a new one does not resemble, whether the problem gives its answer away, and the proposer's reward 1.1 − pass rate + 0.2 · diversity. Reads `question`, `proposed_answer`, `question_ids` and `pass_rate`, else `<problem>` and `\\boxed{}` of the response and `reward` as the pass rate.",
  paper: "https://arxiv.org/abs/2511.11881",
  status: "code",
  scope: "rollout",
  needs: ["trajectory.question"],
  params: {
    threshold: {
      kind: "number",
      default: 0.8,
      min: 0,
      max: 1,
      doc: "Jaccard similarity above which two are alike",
    },
    history: { kind: "number", whole: true, default: 100, min: 1, doc: "how many problems are remembered" },
    lowest: { kind: "number", default: 0, doc: "pass rates at or below it give nothing" },
    leastDiversity: { kind: "number", default: 0.3, doc: "diversities at or below it give nothing" },
    diversityWeight: { kind: "number", default: 0.2, doc: "weight of the diversity in the reward" },
  },
  presets: { "released:pasodoble": {} },
  measure: (limits) => {
    const history = new ProposalHistory<Token>(limits.history);
    return { batch: (batch) => measureBatch(batch, history, limits), end: () => [] };
  },
});

/** Problems of one train step are compared with those before it, not with each other, as the release does. */
function measureBatch(
  batch: MeasuredBatch,
  history: ProposalHistory<Token>,
  limits: Limits,
): readonly Measurement[] {
  const asked: ReadonlySet<Token>[] = [];
  const measured = batch.members.map(({ trajectory }) => {
    const scope = rolloutScope(batch, trajectory);
    const text = responseOf(trajectory) ?? "";
    const question = loggedText(trajectory, "question") ?? problemOf(text);
    if (question === null) return { scope, value: NaN, evidence: {}, missing: ["trajectory.question"] };
    const tokens = tokensOf(trajectory, question);
    asked.push(tokens);
    const answer = loggedText(trajectory, "proposed_answer") ?? boxedAnswer(text);
    const leak = leakOf({ question, answer });
    const diversity = history.diversity(tokens, limits.threshold);
    const logged = loggedNumber(trajectory, "pass_rate");
    const passRate = leak === null ? (Number.isNaN(logged) ? loggedNumber(trajectory, "reward") : logged) : 0;
    return {
      scope,
      value: diversity,
      evidence: {
        leak,
        pass_rate: passRate,
        proposer_reward: proposerReward(passRate, diversity, limits),
        compared_with: history.size,
      },
      alarm: leak !== null || diversity <= limits.leastDiversity,
    };
  });
  for (const tokens of asked) history.add(tokens);
  return measured;
}

/** Tokens of a problem: its logged ids, else its words. */
function tokensOf(trajectory: Trajectory, question: string): ReadonlySet<Token> {
  const ids = fieldOf(trajectory, "question_ids");
  if (Array.isArray(ids)) return new Set(ids.filter((id): id is number => typeof id === "number"));
  return new Set(question.split(/\s+/).filter((word) => word !== ""));
}
