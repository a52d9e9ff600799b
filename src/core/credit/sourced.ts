/** A column of one trajectory with where it was read: `logged`, or a scorer's name. */
export interface Sourced<T> {
  readonly values: T;
  readonly source: string;
}

/** Names of a signal: as the log writes it, and what a scorer's name is put behind. */
export interface SignalNaming {
  readonly logged: string;
  readonly scored: string;
}

/**
 * A logged column where it is there, else the first scorer's (`auto`); or the one that is asked for (`logged`, or a
 * scorer's name). Null where there is none.
 * @param names columns of the trajectory, in order
 * @param read null where a column is there but not whole
 */
export function pickSource<T>(
  source: string,
  { logged, scored }: SignalNaming,
  names: Iterable<string>,
  read: (name: string) => T | null,
): Sourced<T> | null {
  const known = new Set(names);
  const found = (name: string, from: string): Sourced<T> | null => {
    const values = known.has(name) ? read(name) : null;
    return values === null ? null : { values, source: from };
  };
  if (source === "logged") return found(logged, "logged");
  if (source !== "auto") return found(scored + source, source);
  const ofLog = found(logged, "logged");
  if (ofLog !== null) return ofLog;
  for (const name of known) {
    const other = name.startsWith(scored) ? found(name, name.slice(scored.length)) : null;
    if (other !== null) return other;
  }
  return null;
}
