/** State–action pairs of one episode, in order. */
export type Episode = readonly { readonly state: string; readonly action: string }[];

/** What each of several episodes of one task does that is new, given a memory across them (section 14.6). */
export interface VisitShares {
  /** Share of an episode's pairs that no earlier episode and no earlier step of it has had. */
  readonly firstVisits: readonly number[];
  /** Share of all pairs, from the second episode on, that an earlier episode has had; NaN with a single episode. */
  readonly repeatRate: number;
  /** First visits of the earlier half of the episodes minus those of the later half: above 0, they explore, then exploit. */
  readonly shift: number;
}

export function visitShares(episodes: readonly Episode[]): VisitShares {
  const known = new Set<string>();
  let repeated = 0;
  let later = 0;
  const firstVisits = episodes.map((episode, e) => {
    const before = new Set(known);
    let first = 0;
    for (const { state, action } of episode) {
      const pair = JSON.stringify([state, action]);
      if (!known.has(pair)) first++;
      known.add(pair);
      if (e > 0) later++;
      if (before.has(pair)) repeated++;
    }
    return first / episode.length;
  });
  const half = Math.floor(firstVisits.length / 2);
  const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
  const shift = mean(firstVisits.slice(0, half)) - mean(firstVisits.slice(firstVisits.length - half));
  return { firstVisits, repeatRate: repeated / later, shift };
}
