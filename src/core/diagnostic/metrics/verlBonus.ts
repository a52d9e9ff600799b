import { meanOf } from "../../stats/moments.ts";
import type { Matrix } from "../../stats/singularValues.ts";
import {
  afterBatch,
  type AuxiliarySettings,
  type AuxiliaryState,
  auxiliaryBonus,
  startAuxiliary,
} from "../auxiliaryReward.ts";
import { rolloutScope, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { rankNumbers } from "../effectiveRank.ts";
import { hiddenStatesOf } from "../hiddenStates.ts";
import { fieldOf, numberIn } from "../loggedFields.ts";
import { rankDifferences } from "../rankVelocity.ts";
import { outcomeOf } from "../../rollout/summary.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";

/** Indicators of a response: acceleration, velocity and level of the effective rank. */
type Indicators = readonly [number, number, number];

const fields = ["effective_rank_diff_2", "effective_rank_diff", "effective_rank"] as const;
const maxLength = 512;

/** Auxiliary reward of VERL: how far a response's effective rank and its changes deviate from their running means. */
export const verlBonus = diagnostic({
  id: "verlBonus",
  label: "Effective-rank bonus (VERL)",
  doc: "Auxiliary reward from the deviation of a response's effective rank, velocity and acceleration from their running means over training: from the fields `effective_rank`, `effective_rank_diff`, `effective_rank_diff_2`, else from `hidden_states`. Scores are meant to lie in [−1, 1].",
  paper: "https://arxiv.org/abs/2509.23808",
  status: "code",
  scope: "rollout",
  needs: ["trajectory.reward", "token.hidden_states"],
  params: {
    plan: {
      kind: "choice",
      choices: ["PlanB", "FixTwo", "FixOne"],
      default: "PlanB",
      doc: "PlanB: the acceleration moves between exploring and exploiting; FixTwo: half of each; FixOne: both",
    },
    gain: { kind: "number", default: 2, doc: "how sharply the acceleration moves the weights" },
    scale: { kind: "number", default: 1, doc: "weight of the bonus" },
    fixedScale: { kind: "boolean", default: true, doc: "false: the scale falls as the running score rises" },
    emaAlpha: {
      kind: "number",
      default: 0.3,
      min: 0,
      max: 1,
      doc: "weight of a new batch in the running means",
    },
    stride: {
      kind: "number",
      whole: true,
      default: 40,
      min: 1,
      doc: "tokens from one window of hidden states to the next",
    },
  },
  presets: { "released:verl": {}, defaults: { emaAlpha: 0.7, gain: 1.5, fixedScale: false } },
  measure({ plan, gain, scale, fixedScale, emaAlpha, stride }) {
    const settings: AuxiliarySettings = {
      plan,
      gain,
      scale,
      fixedScale,
      emaAlpha,
      exploreWeights: [0, 0, 1],
      exploitWeights: [0, 1, 0],
    };
    let state = startAuxiliary(fields.length);
    return {
      batch(batch) {
        const before = state;
        const found = responsesOf(batch, stride);
        if (found.length === 0)
          return [{ scope: scopeOf(batch), value: NaN, evidence: {}, missing: ["token.hidden_states"] }];
        const means = fields.map((_, i) => meanOf(found.map(({ indicators }) => indicators[i]!)));
        const scores = found.map(({ score }) => score).filter((score) => !Number.isNaN(score));
        state = afterBatch(state, means, scores, emaAlpha);
        return found.map((one) => measureOne(batch, one, { before, settings }));
      },
      end: () => [],
    };
  },
});

interface Response {
  readonly trajectory: Trajectory;
  readonly indicators: Indicators;
  readonly score: number;
}

function responsesOf({ members }: MeasuredBatch, stride: number): readonly Response[] {
  return members.flatMap(({ trajectory }) => {
    const logged = fields.map((name) => numberIn(fieldOf(trajectory, name)));
    const hidden = logged.some(Number.isNaN) ? hiddenStatesOf(trajectory) : null;
    const indicators = hidden === null ? (logged as unknown as Indicators) : indicatorsOf(hidden, stride);
    return indicators.some(Number.isNaN) ? [] : [{ trajectory, indicators, score: outcomeOf(trajectory) }];
  });
}

function indicatorsOf(hidden: Matrix, stride: number): Indicators {
  const windows = { stride, maxLength, path: "exact" } as const;
  const { velocity, acceleration } = rankDifferences(hidden, "Effective Rank", windows);
  const mean = (list: readonly number[]): number => (list.length === 0 ? 0 : meanOf(list));
  return [mean(acceleration), mean(velocity), rankNumbers(hidden).effectiveRank];
}

function measureOne(
  batch: MeasuredBatch,
  { trajectory, indicators, score }: Response,
  { before, settings }: { readonly before: AuxiliaryState; readonly settings: AuxiliarySettings },
): Measurement {
  const value = auxiliaryBonus(indicators, before, settings);
  const [acceleration, velocity, level] = indicators;
  const evidence = {
    acceleration,
    velocity,
    level,
    means: [...before.means],
    runningScore: before.score,
    score,
    shaped: score + value,
  };
  return { scope: rolloutScope(batch, trajectory), value, evidence };
}
