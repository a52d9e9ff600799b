/** Parent of each label; a root has none. */
export type LabelParents = Readonly<Record<string, string>>;

/** Something with a recorded label and a model's. */
export interface Labelled {
  readonly label: string;
  readonly predicted: string;
}

/**
 * Edges from both labels up to their lowest common ancestor (section 15.4). Labels without a common ancestor meet in a root
 * above all: one edge more on either side. Equal labels: 0.
 */
export function labelDistance(a: string, b: string, parents: LabelParents): number {
  const above = pathUp(a, parents);
  const other = pathUp(b, parents);
  const meeting = above.findIndex((label) => other.includes(label));
  return meeting < 0 ? above.length + other.length : meeting + other.indexOf(above[meeting]!);
}

/** A label and all above it; a loop ends where it closes. */
function pathUp(label: string, parents: LabelParents): readonly string[] {
  const path = [label];
  for (let at = label; Object.hasOwn(parents, at);) {
    at = parents[at]!;
    if (path.includes(at)) break;
    path.push(at);
  }
  return path;
}

/**
 * What to look at again: items whose labels differ, farthest apart first, the first of equals first.
 * @param budget how many; with `perClass` so many of each recorded label
 */
export function reannotationQueue<T extends Labelled>(
  items: readonly T[],
  parents: LabelParents,
  { budget, perClass }: { readonly budget: number; readonly perClass: boolean },
): readonly (T & { readonly distance: number })[] {
  const ranked = items
    .map((item) => ({ ...item, distance: labelDistance(item.label, item.predicted, parents) }))
    .filter(({ distance }) => distance > 0)
    .toSorted((a, b) => b.distance - a.distance);
  if (!perClass) return ranked.slice(0, budget);
  const taken = new Map<string, number>();
  return ranked.filter(({ label }) => {
    const n = (taken.get(label) ?? 0) + 1;
    taken.set(label, n);
    return n <= budget;
  });
}
