/** Lengths from here on stand for "no correct answer yet" in the official code. */
const noHistory = 100_000;
const correctFloor = -0.7;

export interface LengthSettings {
  readonly form: "cosine" | "linear";
  readonly weight: number;
  /** Share of the history's length that costs nothing, for the linear form. */
  readonly tolerance: number;
}

/**
 * Length reward of HAPO (section 15.1) against the length of earlier correct answers of the prompt.
 * @param history 0 or ≥ 100,000 = none yet: the reward is 0
 */
export function hapoReward(
  history: number,
  length: number,
  correct: boolean,
  { form, weight, tolerance }: LengthSettings,
): number {
  if (history >= noHistory || history <= 0) return 0;
  const reward = form === "cosine" ? cosine(history, length) : linear(history, length, tolerance, correct);
  if (form === "cosine") return weight * (correct ? Math.max(correctFloor, reward) : Math.min(0, reward));
  return weight * Math.max(correct ? correctFloor : -1, reward);
}

function cosine(history: number, length: number): number {
  return length < 2 * history ? Math.cos((length / history) * (Math.PI / 2)) : -1;
}

function linear(history: number, length: number, tolerance: number, correct: boolean): number {
  if (correct && length < history) return 1 - length / history;
  const free = (1 + tolerance) * history;
  return length < free ? 0 : -(length - free) / history;
}

/** How the length of earlier correct answers is kept. */
export type HistoryMode = "min" | "mean" | "meanReleased";

/** Lengths of the correct answers of each prompt, in the order of training. */
export class LengthHistory {
  readonly #lengths = new Map<string, { length: number; count: number }>();
  readonly #mode: HistoryMode;

  constructor(mode: HistoryMode) {
    this.#mode = mode;
  }

  /** Smallest or mean length so far; 0 = no correct answer yet. */
  of(prompt: string): number {
    return this.#lengths.get(prompt)?.length ?? 0;
  }

  /**
   * Takes in a batch's answers to a prompt, after all of them were scored.
   * @param correctLengths lengths of the correct ones
   * @param samples all answers of the batch: the released mean takes the batch in once for each, so that its count grows too fast
   */
  update(prompt: string, correctLengths: readonly number[], samples: number): void {
    if (correctLengths.length === 0) return;
    const mean = correctLengths.reduce((a, b) => a + b, 0) / correctLengths.length;
    const times = this.#mode === "meanReleased" ? samples : 1;
    for (let i = 0; i < times; i++) {
      const known = this.#lengths.get(prompt);
      const shortest = Math.min(known?.length ?? Infinity, ...correctLengths);
      const count = (known?.count ?? 0) + correctLengths.length;
      const ratio = correctLengths.length / count;
      const length =
        this.#mode === "min"
          ? shortest
          : known === undefined
            ? mean
            : ratio * mean + (1 - ratio) * known.length;
      this.#lengths.set(prompt, { length, count });
    }
  }
}
