/** White space as Python's `\s`, `str.strip` and `str.split` have it, as a class of a regular expression: no BOM, but \x1c to \x1f. */
export const pythonSpace =
  "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

const edges = new RegExp(`^${pythonSpace}+|${pythonSpace}+$`, "g");
const between = new RegExp(`${pythonSpace}+`);

/** `str.strip()` */
export function stripAsPython(text: string): string {
  return text.replace(edges, "");
}

/** `str.split()` without a separator. */
export function wordsAsPython(text: string): readonly string[] {
  return text.split(between).filter((word) => word !== "");
}
