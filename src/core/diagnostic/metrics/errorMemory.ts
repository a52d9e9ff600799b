import { rolloutScope, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { ErrorMemory } from "../errorMemory.ts";
import { fieldOf, loggedNumber, numbersIn } from "../loggedFields.ts";
import { lackingOf } from "../lacking.ts";

interface Names {
  readonly prediction: string;
  readonly outcome: string;
  readonly alarm: number;
}

/** Sums of the absolute errors of the predictions, as they are and with the memory's correction. */
interface Errors {
  n: number;
  plain: number;
  compensated: number;
}

/** Where a critic or a reward model is off, by its recent errors on alike rollouts. */
export const errorMemory = diagnostic({
  id: "errorMemory",
  label: "Error memory",
  doc: "Local bias of a prediction: the recency-weighted mean error on the most alike rollouts before it, by `features` (a list of numbers), with the compensated prediction. Over the run the mean absolute error with and without compensation: where it falls, the critic is stale.",
  paper: "https://arxiv.org/abs/2306.08808",
  status: "text",
  scope: "rollout",
  needs: ["trajectory.features", "trajectory.prediction", "trajectory.reward"],
  params: {
    prediction: { kind: "text", default: "prediction", doc: "number of a rollout that was predicted" },
    outcome: { kind: "text", default: "reward", doc: "number of a rollout that came out" },
    neighbours: {
      kind: "number",
      whole: true,
      default: 5,
      min: 1,
      doc: "most alike rollouts that are asked",
    },
    halfLife: { kind: "number", default: 100, min: 1e-9, doc: "rollouts after which an error weighs half" },
    capacity: { kind: "number", whole: true, default: 1000, min: 1, doc: "rollouts that are remembered" },
    alarm: { kind: "number", default: 0.25, min: 0, doc: "biases beyond it are worth a look" },
  },
  presets: { default: {} },
  measure: ({ neighbours, halfLife, capacity, ...names }) => {
    const memory = new ErrorMemory({ neighbours, halfLife, capacity });
    const errors: Errors = { n: 0, plain: 0, compensated: 0 };
    let run = "";
    return {
      batch: (batch) => {
        ({ run } = batch);
        return measureBatch(batch, { memory, errors }, names);
      },
      end: () => {
        if (errors.n === 0) return [];
        const [plain, compensated] = [errors.plain / errors.n, errors.compensated / errors.n];
        const evidence = { rollouts: errors.n, mean_error: plain, compensated_error: compensated };
        return [{ scope: { run }, value: plain - compensated, evidence, alarm: compensated < plain }];
      },
    };
  },
});

/** A train step asks the memory of the steps before it; then its own errors are remembered. */
function measureBatch(
  batch: MeasuredBatch,
  { memory, errors }: { readonly memory: ErrorMemory; readonly errors: Errors },
  { prediction, outcome, alarm }: Names,
): readonly Measurement[] {
  const missing = lackingOf(batch.members, ["trajectory.features", `trajectory.${prediction}`]);
  const known = batch.members.flatMap(({ trajectory }) => {
    const features = numbersIn(fieldOf(trajectory, "features"));
    const predicted = loggedNumber(trajectory, prediction);
    return features === null || Number.isNaN(predicted) ? [] : [{ trajectory, features, predicted }];
  });
  const measured = known.map(({ trajectory, features, predicted }): Measurement => {
    const { bias, ...evidence } = memory.biasAt(features);
    const error = loggedNumber(trajectory, outcome) - predicted;
    if (!Number.isNaN(error) && !Number.isNaN(bias)) {
      errors.n++;
      errors.plain += Math.abs(error);
      errors.compensated += Math.abs(error - bias);
    }
    return {
      scope: rolloutScope(batch, trajectory),
      value: bias,
      evidence: { ...evidence, prediction: predicted, compensated: predicted + bias, error },
      // Nothing is remembered yet, or no outcome of what is.
      ...(Number.isNaN(bias) ? { missing: [`trajectory.${outcome}`] } : {}),
      alarm: Math.abs(bias) > alarm,
    };
  });
  for (const { trajectory, features, predicted } of known) {
    const error = loggedNumber(trajectory, outcome) - predicted;
    if (!Number.isNaN(error)) memory.add(features, error);
  }
  const absent = batch.members.length - known.length;
  if (absent === 0) return measured;
  return [...measured, { scope: scopeOf(batch), value: NaN, evidence: { rollouts: absent }, missing }];
}
