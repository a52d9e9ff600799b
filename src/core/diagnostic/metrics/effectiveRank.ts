import { meanOf } from "../../stats/moments.ts";
import { weightedCorrelation } from "../../stats/weightedCorrelation.ts";
import type { Matrix } from "../../stats/singularValues.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { curvature, rankNumbers } from "../effectiveRank.ts";
import { hiddenStatesOf } from "../hiddenStates.ts";
import { rolloutScope, scopeOf } from "../batchScope.ts";
import { solvedOf } from "../loggedFields.ts";
import { rankDifferences, type RankWindows } from "../rankVelocity.ts";

/** Means of a batch, for the view over training. */
interface BatchMeans {
  readonly rank: number;
  readonly entropy: number;
  readonly accuracy: number;
}

/** Effective rank of a response's hidden states, with its velocity and acceleration over prefixes (VERL). */
export const effectiveRank = diagnostic({
  id: "effectiveRank",
  label: "Effective rank",
  doc: "exp of the entropy of the singular values of a response's hidden states (`tokens.hidden_states`, or the trajectory's `hidden_states`), with its first and second differences over growing prefixes; over the run, its correlation with token entropy and accuracy.",
  paper: "https://arxiv.org/abs/2509.23808",
  status: "code",
  scope: "rollout",
  needs: ["token.hidden_states"],
  params: {
    stride: { kind: "number", whole: true, default: 40, min: 1, doc: "tokens from one window to the next" },
    maxLength: { kind: "number", whole: true, default: 512, min: 2, doc: "the last so many tokens count" },
    path: {
      kind: "choice",
      choices: ["exact", "released"],
      default: "exact",
      doc: "exact: full precision; released: the release's fast path in single precision, whose rounding noise raises the rank",
    },
  },
  presets: { default: {}, "released:verl": { path: "released" } },
  measure(windows) {
    const batches: BatchMeans[] = [];
    let run = "";
    return {
      batch(batch) {
        ({ run } = batch);
        const found = batch.members.flatMap((member) => {
          const hidden = hiddenStatesOf(member.trajectory);
          return hidden === null
            ? []
            : [{ scope: rolloutScope(batch, member.trajectory), ...measureResponse(hidden, windows) }];
        });
        if (found.length === 0)
          return [{ scope: scopeOf(batch), value: NaN, evidence: {}, missing: ["token.hidden_states"] }];
        batches.push(meansOf(batch, found));
        return found;
      },
      end: () => (batches.length < 2 ? [] : [{ scope: { run }, ...overTraining(batches) }]),
    };
  },
});

function measureResponse(hidden: Matrix, windows: RankWindows): Pick<Measurement, "value" | "evidence"> {
  const numbers = rankNumbers(hidden);
  const { velocity, acceleration } = rankDifferences(hidden, "Effective Rank", windows);
  const evidence = {
    tokens: hidden.rows,
    dimensions: hidden.columns,
    rank: numbers.traditionalRank,
    entropy: numbers.shannonEntropy,
    curvature: curvature(hidden),
    // As the release has it: 0 where the response is too short for a difference.
    velocity: velocity.length === 0 ? 0 : meanOf(velocity),
    acceleration: acceleration.length === 0 ? 0 : meanOf(acceleration),
    windows: velocity.length === 0 ? 0 : velocity.length + 1,
  };
  return { value: numbers.effectiveRank, evidence };
}

function meansOf({ members }: MeasuredBatch, found: readonly Measurement[]): BatchMeans {
  const entropies = members.flatMap(({ trajectory }) =>
    trajectory.turns.flatMap(({ tokens }) => [
      ...(tokens?.columns.get("entropy")?.filter((_, t) => tokens.mask[t] === 1) ?? []),
    ]),
  );
  return {
    rank: meanOf(found.map(({ value }) => value as number)),
    entropy: meanOf(entropies),
    accuracy: meanOf(members.map(({ trajectory }) => solvedOf(trajectory))),
  };
}

function overTraining(batches: readonly BatchMeans[]): Pick<Measurement, "value" | "evidence"> {
  const of = (name: keyof BatchMeans): number[] => batches.map((one) => one[name]);
  const evidence = {
    batches: batches.length,
    rank: of("rank"),
    entropy: of("entropy"),
    accuracy: of("accuracy"),
    rankWithEntropy: correlated(of("rank"), of("entropy")),
    rankWithAccuracy: correlated(of("rank"), of("accuracy")),
  };
  return { value: meanOf(of("rank")), evidence };
}

function correlated(a: readonly number[], b: readonly number[]): number {
  const evenly = new Float64Array(a.length).fill(1 / a.length);
  return weightedCorrelation(Float64Array.from(a), Float64Array.from(b), evenly);
}
