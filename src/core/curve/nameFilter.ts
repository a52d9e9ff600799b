/** A filter of metric names, or why its regular expression cannot be read. */
export type NameFilter =
  | { readonly ok: true; readonly matches: (name: string) => boolean }
  | { readonly ok: false; readonly message: string };

/** Reads `text` as part of a name, whatever the case, or as a regular expression between slashes (`/…/`, `/…/i`). */
export function nameFilter(text: string): NameFilter {
  const wanted = text.trim();
  const slashed = /^\/(.+)\/([a-z]*)$/s.exec(wanted);
  if (slashed === null) {
    const part = wanted.toLowerCase();
    return { ok: true, matches: (name) => name.toLowerCase().includes(part) };
  }
  try {
    // Flags that remember a place would make the same name match once and then not.
    const pattern = new RegExp(slashed[1]!, slashed[2]!.replace(/[gy]/g, ""));
    return { ok: true, matches: (name) => pattern.test(name) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
