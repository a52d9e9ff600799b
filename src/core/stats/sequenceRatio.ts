/** A text of this many characters or more does not look up its frequent ones. */
const longText = 200;

/**
 * How alike two texts are: 2M / (n + m), where M characters (code points) stand in matching blocks: the longest common
 * run, then the longest ones to its left and right, and so on. Equals Python's `difflib.SequenceMatcher(None, a, b).ratio()`,
 * so it is not symmetric: characters that make up more than 1 % of a long `b` start no run. Two empty texts are alike.
 * O(n · m) at worst.
 */
export function sequenceRatio(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  if (left.length + right.length === 0) return 1;
  return (2 * matchedOf(left, right)) / (left.length + right.length);
}

/** `sequenceRatio(a, b) ≥ least`; texts whose lengths alone rule it out are not matched. */
export function isAlike(a: string, b: string, least: number): boolean {
  const [left, right] = [Array.from(a), Array.from(b)];
  const total = left.length + right.length;
  if (total === 0) return 1 >= least;
  if ((2 * Math.min(left.length, right.length)) / total < least) return false;
  return (2 * matchedOf(left, right)) / total >= least;
}

/** Characters in matching blocks. */
function matchedOf(a: readonly string[], b: readonly string[]): number {
  const places = placesOf(b);
  let matched = 0;
  const open: Window[] = [{ aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length }];
  for (let window = open.pop(); window !== undefined; window = open.pop()) {
    const { aFrom, aTo, bFrom, bTo } = window;
    const { inA, inB, size } = longestRun(a, b, places, window);
    if (size === 0) continue;
    matched += size;
    if (inA > aFrom && inB > bFrom) open.push({ aFrom, aTo: inA, bFrom, bTo: inB });
    if (inA + size < aTo && inB + size < bTo) open.push({ aFrom: inA + size, aTo, bFrom: inB + size, bTo });
  }
  return matched;
}

/** Places of each character in b, ascending, without the frequent ones of a long text. */
function placesOf(b: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  b.forEach((character, j) => {
    const own = places.get(character);
    if (own === undefined) places.set(character, [j]);
    else own.push(j);
  });
  if (b.length < longText) return places;
  const most = Math.floor(b.length / 100) + 1;
  return new Map([...places].filter(([, own]) => own.length <= most));
}

interface Window {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** The first longest run that both hold in the window, grown over equal frequent characters at its sides. */
function longestRun(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  { aFrom, aTo, bFrom, bTo }: Window,
): { readonly inA: number; readonly inB: number; readonly size: number } {
  let [inA, inB, size] = [aFrom, bFrom, 0];
  let before = new Map<number, number>();
  for (let i = aFrom; i < aTo; i++) {
    const here = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const run = (before.get(j - 1) ?? 0) + 1;
      here.set(j, run);
      if (run > size) [inA, inB, size] = [i - run + 1, j - run + 1, run];
    }
    before = here;
  }
  while (inA > aFrom && inB > bFrom && a[inA - 1] === b[inB - 1])
    [inA, inB, size] = [inA - 1, inB - 1, size + 1];
  while (inA + size < aTo && inB + size < bTo && a[inA + size] === b[inB + size]) size++;
  return { inA, inB, size };
}
