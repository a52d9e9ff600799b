const extensions = [".jsonl", ".ndjson", ".json"] as const;

/** How files of metrics in JSON Lines are called; Ray's `result.json` is one too. */
export const jsonLinesNames = {
  extensions,
  hasName: (name: string): boolean => extensions.some((extension) => name.toLowerCase().endsWith(extension)),
};
