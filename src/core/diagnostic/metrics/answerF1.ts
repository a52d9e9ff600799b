import type { Trajectory } from "../../rollout/trajectory.ts";
import { meanOf } from "../../stats/moments.ts";
import { answerScore, labelAnswer } from "../answerScore.ts";
import { diagnostic, type MeasuredBatch, type MeasuredMember, type Measurement } from "../diagnostic.ts";
import { rolloutScope, scopeOf } from "../batchScope.ts";

interface Chosen {
  readonly text: "response" | "lastTurn";
  readonly labels: boolean;
}

/** F1 of the answer against the reference: what IGPO rewards the last turn with. */
export const answerF1 = diagnostic({
  id: "answerF1",
  label: "Answer F1",
  doc: "F1 of the words between <answer> tags and the rollout's reference answer (`answer`), −2 where tags are missing or do not match; exact match and the F1 that forgives the format stand beside it.",
  paper: "https://arxiv.org/abs/2510.14967",
  status: "code",
  scope: "rollout",
  needs: ["trajectory.answer"],
  params: {
    text: {
      kind: "choice",
      choices: ["response", "lastTurn"],
      default: "response",
      doc: "what is searched: all from the policy's first turn on, tool results too (released), or its last turn",
    },
    labels: {
      kind: "boolean",
      default: false,
      doc: "the reference is a JSON list of labelled claims: false where one is (fact-checking sets of the release)",
    },
  },
  presets: { "released:igpo": {} },
  measure: (chosen) => ({
    batch: (batch) => [
      ...batch.members.map((member) => ofRollout(batch, member, chosen)),
      ofBatch(batch, chosen),
    ],
    end: () => [],
  }),
});

function ofRollout(batch: MeasuredBatch, member: MeasuredMember, chosen: Chosen): Measurement {
  const { trajectory } = member;
  const scope = rolloutScope(batch, trajectory);
  const scores = scoresOf(trajectory, chosen);
  if (scores === null) return { scope, value: NaN, evidence: {}, missing: ["trajectory.answer"] };
  const { f1, em, f1NoFormat } = scores;
  const logged = Number.isNaN(trajectory.reward) ? {} : { reward: trajectory.reward };
  return { scope, value: f1, evidence: { em, f1NoFormat, formatIsBroken: f1 === -2, ...logged } };
}

function ofBatch(batch: MeasuredBatch, chosen: Chosen): Measurement {
  const scores = batch.members.flatMap(({ trajectory }) => scoresOf(trajectory, chosen) ?? []);
  const lacking = batch.members.length > scores.length ? { missing: ["trajectory.answer"] } : {};
  return {
    scope: scopeOf(batch),
    value: meanOf(scores.map(({ f1 }) => f1)),
    evidence: {
      rollouts: scores.length,
      em: meanOf(scores.map(({ em }) => em)),
      f1NoFormat: meanOf(scores.map(({ f1NoFormat }) => f1NoFormat)),
      broken: scores.filter(({ f1 }) => f1 === -2).length,
    },
    ...lacking,
  };
}

function scoresOf(
  trajectory: Trajectory,
  { text, labels }: Chosen,
): { readonly f1: number; readonly em: number; readonly f1NoFormat: number } | null {
  const { answer, turns } = trajectory;
  if (answer === null) return null;
  const first = turns.findIndex(({ trainable }) => trainable);
  const last = turns.findLastIndex(({ trainable }) => trainable);
  const searched = first < 0 ? [] : turns.slice(text === "response" ? first : last, last + 1);
  const solution = searched.map(({ content }) => content).join("\n");
  const reference = labels ? labelAnswer(answer) : answer;
  return {
    f1: answerScore(solution, reference, "f1"),
    em: answerScore(solution, reference, "em"),
    f1NoFormat: answerScore(solution, reference, "f1_no_format"),
  };
}
