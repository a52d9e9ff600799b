type Json = Readonly<Record<string, unknown>>;

/** One way through a conversation's tree, from its root to an event that nothing follows. */
export interface Branch {
  /** Id of its last event; null where it is the only branch. */
  readonly leaf: string | null;
  readonly events: readonly Json[];
}

/** `parent_id` of an event that follows none though others stand before it. */
const rootParent = "__root__";
/** A conversation with more leaves is no conversation. */
const mostBranches = 100;

/**
 * The branches of events in the order they were written. An event follows the one it names, else (events that predate
 * the tree) the one before it. The last written branch comes first: it is where the conversation stands.
 */
export function branchesOf(events: readonly Json[]): readonly Branch[] {
  const at = new Map<unknown, number>();
  const parents = events.map((event, i) => {
    const { id, parent_id: parent } = event;
    const found = parent === rootParent ? -1 : (at.get(parent) ?? i - 1);
    if (typeof id === "string") at.set(id, i);
    return found;
  });
  const followed = new Set(parents);
  const leaves = events
    .map((_, i) => i)
    .filter((i) => !followed.has(i))
    .toReversed();
  return leaves.slice(0, mostBranches).map((leaf) => {
    const way: Json[] = [];
    for (let i = leaf; i >= 0; i = parents[i]!) way.push(events[i]!);
    const { id } = events[leaf]!;
    return {
      leaf: leaves.length === 1 ? null : typeof id === "string" ? id : String(leaf),
      events: way.toReversed(),
    };
  });
}
