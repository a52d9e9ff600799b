const tiny = 1e-8;
const largestDeviation = 5;

/** How the bonus of VERL is made (section 14.1); indicators in the order acceleration, velocity, level. */
export interface AuxiliarySettings {
  /** `PlanB`: the acceleration's deviation moves between the two profiles; `FixTwo`: their halves; `FixOne`: their sum. */
  readonly plan: "PlanB" | "FixTwo" | "FixOne";
  readonly exploreWeights: readonly number[];
  readonly exploitWeights: readonly number[];
  readonly gain: number;
  readonly scale: number;
  /** The scale stays as it is, else it falls as the running score rises: scale · (1 − (score + 1) / 2). */
  readonly fixedScale: boolean;
  /** Weight of the new batch in the running means. */
  readonly emaAlpha: number;
}

/** Running means of the indicators and of the score, scores in [−1, 1]; all start at 0. */
export interface AuxiliaryState {
  readonly means: readonly number[];
  readonly score: number;
}

export function startAuxiliary(indicators: number): AuxiliaryState {
  return { means: Array.from({ length: indicators }, () => 0), score: 0 };
}

/** (x − mean) / (|mean| + 1e-8), between −5 and 5. NaN stays NaN. */
export function relativeDeviation(x: number, mean: number): number {
  const deviation = (x - mean) / (Math.abs(mean) + tiny);
  return Math.max(-largestDeviation, Math.min(largestDeviation, deviation));
}

/** Bonus of a response whose indicators are these: Σ w·tanh(deviation), times the scale. */
export function auxiliaryBonus(
  indicators: readonly number[],
  { means, score }: AuxiliaryState,
  settings: AuxiliarySettings,
): number {
  const { plan, exploreWeights, exploitWeights, gain, scale, fixedScale } = settings;
  const deviations = indicators.map((x, i) => relativeDeviation(x, means[i]!));
  const tendency = plan === "PlanB" ? 1 / (1 + Math.exp(-gain * deviations[0]!)) : 0.5;
  const [explore, exploit] = plan === "FixOne" ? [1, 1] : [tendency, 1 - tendency];
  const sum = deviations.reduce(
    (total, deviation, i) =>
      total + (explore * exploreWeights[i]! + exploit * exploitWeights[i]!) * Math.tanh(deviation),
    0,
  );
  return sum * (fixedScale ? scale : scale * (1 - (score + 1) / 2));
}

/**
 * The running means after a batch.
 * @param batchMeans mean of each indicator over the batch; NaN leaves its running mean as it is
 */
export function afterBatch(
  state: AuxiliaryState,
  batchMeans: readonly number[],
  scores: readonly number[],
  alpha: number,
): AuxiliaryState {
  const blend = (old: number, now: number): number =>
    Number.isNaN(now) ? old : (1 - alpha) * old + alpha * now;
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  return { means: state.means.map((old, i) => blend(old, batchMeans[i]!)), score: blend(state.score, mean) };
}
