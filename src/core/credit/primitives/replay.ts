/** Rises from 0 to 1 over `steps` train steps along half a cosine, and stays there: SPEAR's weight of the replay loss. */
export function cosineRise(step: number, steps: number): number {
  return step > steps ? 1 : (1 - Math.cos((Math.PI * step) / steps)) / 2;
}

/** Falls from 1 to 0 over `steps` train steps along half a cosine, and stays there: SPEAR's weight of the tool reward. */
export function cosineFall(step: number, steps: number): number {
  return step > steps ? 0 : (1 + Math.cos((Math.PI * step) / steps)) / 2;
}

/** SPEAR's intrinsic reward for acting: 0.1 a turn, at most 1. */
export function toolCallReward(turns: number): number {
  return Math.min(1, 0.1 * turns);
}
