import { pythonSpace } from "./pythonText.ts";

/**
 * How much a text repeats itself: 2 / (n (n + 1)) times the sum of the longest common prefixes of neighbours in its suffix
 * array, over its n code points. From 0 to below 1; 0 for fewer than two. (PURE, `monitored_metric`.)
 */
export function repeatness(text: string): number {
  const points = Int32Array.from(text, (character) => character.codePointAt(0)!);
  const n = points.length;
  return n < 2 ? 0 : (2 * sharedPrefixes(points)) / (n * (n + 1));
}

/** Sum of the longest common prefixes of neighbouring suffixes, by Kasai's walk: linear beside the sorting. */
function sharedPrefixes(points: Int32Array): number {
  const n = points.length;
  const { rank, order } = sortSuffixes(points);
  let sum = 0;
  let shared = 0;
  for (let i = 0; i < n; i++) {
    if (rank[i] === n - 1) {
      shared = 0;
      continue;
    }
    const j = order[rank[i]! + 1]!;
    while (i + shared < n && j + shared < n && points[i + shared] === points[j + shared]) shared++;
    sum += shared;
    if (shared > 0) shared--;
  }
  return sum;
}

interface Suffixes {
  /** Length n: place of each suffix in the order. */
  readonly rank: Int32Array;
  /** Length n: where the suffixes start, in their order. */
  readonly order: Int32Array;
}

/** Suffixes in order, by prefixes of doubled length and counting sorts: n log n. */
function sortSuffixes(points: Int32Array): Suffixes {
  const n = points.length;
  let { rank, classes } = ranksOf(points);
  let next = new Int32Array(n);
  let order = countingSort(
    Int32Array.from({ length: n }, (_, i) => i),
    rank,
    classes,
  );
  const bySecond = new Int32Array(n);
  for (let k = 1; classes < n; k *= 2) {
    let p = 0;
    for (let i = Math.max(0, n - k); i < n; i++) bySecond[p++] = i;
    for (const i of order) if (i >= k) bySecond[p++] = i - k;
    order = countingSort(bySecond, rank, classes);
    classes = 0;
    for (let p = 0; p < n; p++) {
      const [a, b] = [order[p]!, order[Math.max(0, p - 1)]!];
      const isNew = p === 0 || rank[a] !== rank[b] || secondOf(rank, a + k) !== secondOf(rank, b + k);
      if (isNew) classes++;
      next[a] = classes - 1;
    }
    [rank, next] = [next, rank];
  }
  return { rank, order };
}

function secondOf(rank: Int32Array, at: number): number {
  return at < rank.length ? rank[at]! : -1;
}

function ranksOf(points: Int32Array): { rank: Int32Array<ArrayBuffer>; classes: number } {
  const distinct = [...new Set(points)].toSorted((a, b) => a - b);
  const index = new Map(distinct.map((point, i) => [point, i]));
  return { rank: Int32Array.from(points, (point) => index.get(point)!), classes: distinct.length };
}

/** Items in the order of their ranks, equal ones as they came. */
function countingSort(items: Int32Array, rank: Int32Array, classes: number): Int32Array {
  const from = new Int32Array(classes + 1);
  for (const i of items) from[rank[i]! + 1]!++;
  for (let c = 0; c < classes; c++) from[c + 1]! += from[c]!;
  const out = new Int32Array(items.length);
  for (const i of items) out[from[rank[i]!]!++] = i;
  return out;
}

const reflections = [
  "wait,",
  `recheck(?:,|${pythonSpace})`,
  `retry(?:,|${pythonSpace})`,
  "try again",
  "alternatively,",
  "however,",
  `rethink(?:,|${pythonSpace})`,
  "let's check",
  "let's verify",
].map((pattern) => new RegExp(pattern, "g"));

/** Number of phrases in a text, in lower case, that announce a second look: "wait,", "try again", "let's check"… */
export function reflectionCount(text: string): number {
  const lower = text.toLowerCase();
  return reflections.reduce((n, pattern) => n + (lower.match(pattern)?.length ?? 0), 0);
}
