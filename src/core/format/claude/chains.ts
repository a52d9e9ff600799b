import { isRecord } from "../isRecord.ts";
import type { SessionEvent } from "./event.ts";

/** One way through the events of a session, in the order of the file. */
export interface Chain {
  /** Behind the session's id: "" for the main chain. */
  readonly suffix: string;
  readonly events: readonly SessionEvent[];
}

export interface Chains {
  readonly chains: readonly Chain[];
  /** Ways that were left out: each repeats the events before it, and a log could make that squares. */
  readonly nLeftOut: number;
}

/** Events in all branches together. */
const mostEvents = 1 << 20;

/**
 * The main chain of a session leads from its last event up to its first. Other leaves (a prompt that was taken back and
 * asked anew) are chains of their own, `#<uuid of the leaf>`, with the events before them. Agents that the main one has
 * started are `#sidechain`, `#sidechain.2`, ….
 */
export function chainsOf(events: readonly SessionEvent[]): Chains {
  const members = events.filter(({ uuid }) => uuid !== null);
  const main = members.filter(({ isSidechain }) => !isSidechain);
  const chains: Chain[] = [];
  const budget = { left: mostEvents, nLeftOut: 0 };
  const add = (group: readonly SessionEvent[], suffix: string): void => {
    for (const { leaf, events: way } of waysOf(group, budget))
      chains.push({ suffix: leaf === null ? suffix : `${suffix}#${leaf}`, events: way });
  };
  if (main.length > 0) add(main, "");
  sidechainsOf(members).forEach((group, k) => add(group, k === 0 ? "#sidechain" : `#sidechain.${k + 1}`));
  return { chains, nLeftOut: budget.nLeftOut };
}

/** Sidechain events by the first of theirs that each goes back to. */
function sidechainsOf(events: readonly SessionEvent[]): readonly (readonly SessionEvent[])[] {
  const rootOf = new Map<string, string>();
  const chains = new Map<string, SessionEvent[]>();
  for (const event of events) {
    if (!event.isSidechain) continue;
    const root = (event.parent === null ? undefined : rootOf.get(event.parent)) ?? event.uuid!;
    rootOf.set(event.uuid!, root);
    const members = chains.get(root);
    if (members === undefined) chains.set(root, [event]);
    else members.push(event);
  }
  return [...chains.values()];
}

interface Way {
  /** Null for the one that ends last. */
  readonly leaf: string | null;
  readonly events: readonly SessionEvent[];
}

function* waysOf(
  events: readonly SessionEvent[],
  budget: { left: number; nLeftOut: number },
): Generator<Way> {
  const parents = parentsOf(events);
  const isParent = new Uint8Array(events.length);
  for (const parent of parents) if (parent >= 0) isParent[parent] = 1;
  const onMain = new Uint8Array(events.length);
  for (let at = events.length - 1; at >= 0; at = parents[at]!) onMain[at] = 1;
  // Of calls that ran side by side the later ones follow the first call, and their results are leaves beside the chain.
  for (const [i, event] of events.entries())
    if (isParent[i] === 0 && parents[i]! >= 0 && onMain[parents[i]!] === 1 && holdsResult(event))
      onMain[i] = 1;
  const way = events.filter((_, i) => onMain[i] === 1);
  yield { leaf: null, events: way };
  // Events of the chain up to each one, and of the way to each one.
  const upTo = new Int32Array(events.length);
  const length = new Int32Array(events.length);
  for (let i = 0, n = 0; i < events.length; i++) {
    if (onMain[i] === 1) upTo[i] = ++n;
    length[i] = onMain[i] === 1 ? n : 1 + (parents[i]! < 0 ? 0 : length[parents[i]!]!);
  }
  for (const [i, { uuid }] of events.entries()) {
    if (isParent[i] === 1 || onMain[i] === 1) continue;
    budget.left -= length[i]!;
    if (budget.left < 0) budget.nLeftOut++;
    if (budget.left < 0) continue;
    const own: SessionEvent[] = [];
    let at = i;
    for (; at >= 0 && onMain[at] === 0; at = parents[at]!) own.push(events[at]!);
    yield { leaf: uuid, events: [...(at < 0 ? [] : way.slice(0, upTo[at])), ...own.reverse()] };
  }
}

/** Places of the parents, which stand before; −1 where an event follows none. */
function parentsOf(events: readonly SessionEvent[]): Int32Array {
  const places = new Map(events.map(({ uuid }, i) => [uuid, i]));
  return Int32Array.from(events, ({ parent }, i) => {
    // A parent that is not there was in another file, or in a line that is damaged: the event before is the nearest.
    const at = parent === null ? -1 : (places.get(parent) ?? i - 1);
    return at < i ? at : i - 1;
  });
}

function holdsResult({ record }: SessionEvent): boolean {
  const message = record["message"];
  const content = isRecord(message) ? message["content"] : null;
  return Array.isArray(content) && content.some((part) => isRecord(part) && part["type"] === "tool_result");
}
