import type { Trajectory } from "../../rollout/trajectory.ts";
import { type Agreement, agreementOf, agreementScores } from "../judgeAgreement.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { scopeOf } from "../batchScope.ts";
import { lackingOf } from "../lacking.ts";

interface Chosen {
  readonly judge: string;
  readonly human: string;
  readonly level: "turn" | "step";
}

/** How far a model's yes and no agree with a person's: the check before a judgement is used as a reward. */
export const judgeAgreement = diagnostic({
  id: "judgeAgreement",
  label: "Judge agreement",
  doc: "Accuracy of a logged judgement against a person's on the same turns or steps, with precision, recall, F1 and Cohen's κ. By default `subgoal` and `subgoal_human` of the turns.",
  paper: "https://arxiv.org/abs/2409.12798",
  status: "own",
  scope: "batch",
  needs: ["turn.subgoal", "turn.subgoal_human"],
  params: {
    judge: { kind: "text", default: "subgoal", doc: "name of the model's judgement, above ½ = yes" },
    human: { kind: "text", default: "subgoal_human", doc: "name of the person's" },
    level: { kind: "choice", choices: ["turn", "step"], default: "turn", doc: "where both are logged" },
    alarm: { kind: "number", default: 0.6, min: -1, max: 1, doc: "κ below which the judgement is doubtful" },
  },
  presets: { default: {}, steps: { level: "step", judge: "label", human: "label_human" } },
  measure: ({ alarm, ...chosen }) => ({
    batch: (batch) => [ofBatch(batch, chosen, alarm)],
    end: () => [],
  }),
});

function ofBatch(batch: MeasuredBatch, chosen: Chosen, alarm: number): Measurement {
  const counts = batch.members.reduce<Agreement>(
    (sum, { trajectory }) => {
      const one = agreementOf(
        judgements(trajectory, chosen.judge, chosen),
        judgements(trajectory, chosen.human, chosen),
      );
      return {
        both: sum.both + one.both,
        judgeOnly: sum.judgeOnly + one.judgeOnly,
        humanOnly: sum.humanOnly + one.humanOnly,
        neither: sum.neither + one.neither,
      };
    },
    { both: 0, judgeOnly: 0, humanOnly: 0, neither: 0 },
  );
  const { accuracy, ...scores } = agreementScores(counts);
  const scope = scopeOf(batch);
  if (Number.isNaN(accuracy)) {
    const names = [`${chosen.level}.${chosen.judge}`, `${chosen.level}.${chosen.human}`];
    const missing = lackingOf(batch.members, names);
    return { scope, value: NaN, evidence: {}, missing };
  }
  return { scope, value: accuracy, evidence: { ...counts, ...scores }, alarm: scores.kappa < alarm };
}

/** One number a turn or step of the rollout, NaN where it was not judged. */
function judgements({ turns }: Trajectory, name: string, { level }: Chosen): readonly number[] {
  return turns.flatMap(({ extra, steps }) => {
    if (level === "step") return [...(steps.columns.get(name) ?? new Float64Array(steps.n).fill(NaN))];
    const value = extra.get(name);
    return [typeof value === "boolean" ? Number(value) : typeof value === "number" ? value : NaN];
  });
}
