/**
 * Attention of one head over the response's `n` tokens, row-major: `map[t·n + s]` is what token t (the query) gives to
 * token s ≤ t. Attention Illuminates LLM Reasoning (arXiv:2510.13554): the two signals are kept, maps are too large.
 */
export type AttentionMap = Float64Array;

/** Mean over the tokens of Σ_s A[t, s]·(t − s): how far back a head looks. NaN for no token. */
export function headDistance(map: AttentionMap, n: number): number {
  let sum = 0;
  for (let t = 0; t < n; t++) for (let s = 0; s < t; s++) sum += map[t * n + s]! * (t - s);
  return sum / n;
}

/** Layers that are looked at: `count` evenly in the middle third of `nLayers`, each once. */
export function sampledLayers(nLayers: number, count = 5): readonly number[] {
  const from = Math.floor(nLayers / 3);
  const last = Math.max(from, Math.ceil((2 * nLayers) / 3) - 1);
  const layers = Array.from({ length: count }, (_, i) =>
    Math.round(from + (count === 1 ? 0 : (i * (last - from)) / (count - 1))),
  );
  return [...new Set(layers)];
}

/** Indices of the heads that look back least (local) and farthest (global): the lowest and highest `share`, at least one. */
export function localAndGlobalHeads(
  distances: readonly number[],
  share = 0.3,
): { readonly local: readonly number[]; readonly global: readonly number[] } {
  const count = Math.max(1, Math.floor(share * distances.length));
  const ranked = distances.map((_, h) => h).toSorted((a, b) => distances[a]! - distances[b]! || a - b);
  return { local: ranked.slice(0, count), global: ranked.slice(-count) };
}

/** Mean of several heads' maps. */
export function averageMap(maps: readonly AttentionMap[], out: AttentionMap): void {
  out.fill(0);
  for (const map of maps) for (let i = 0; i < out.length; i++) out[i]! += map[i]! / maps.length;
}

/** Windowed average attention distance of each token: WAAD_t = Σ_{s ≤ t} A[t, s]·min(t − s, window). */
export function windowedDistance(map: AttentionMap, n: number, window: number, out: Float64Array): void {
  for (let t = 0; t < n; t++) {
    let sum = 0;
    for (let s = 0; s < t; s++) sum += map[t * n + s]! * Math.min(t - s, window);
    out[t] = sum;
  }
}

/**
 * Future attention influence of each token: FAI_s = mean of A[t, s] over t ∈ [s + from, min(n − 1, s + to)], both ends
 * included; 0 where there is no such t.
 */
export function futureInfluence(
  map: AttentionMap,
  n: number,
  { from, to }: { readonly from: number; readonly to: number },
  out: Float64Array,
): void {
  for (let s = 0; s < n; s++) {
    const last = Math.min(n - 1, s + to);
    let sum = 0;
    for (let t = s + from; t <= last; t++) sum += map[t * n + s]!;
    out[s] = last < s + from ? 0 : sum / (last - s - from + 1);
  }
}
