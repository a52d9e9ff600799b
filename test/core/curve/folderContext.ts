import type { FileContext } from "../../../src/core/format/format.ts";
import { memorySource } from "../format/memorySource.ts";

/** A file with others beside it, by their paths from its folder. */
export function beside(path: string, files: Readonly<Record<string, string>>): FileContext {
  const paths = Object.keys(files);
  return {
    path,
    near: {
      open: (name) => Promise.resolve(Object.hasOwn(files, name) ? memorySource(files[name]!) : null),
      list(folder) {
        const below = paths
          .filter((name) => name.startsWith(`${folder}/`))
          .map((name) => name.slice(folder.length + 1));
        const names = below.map((name) => (name.includes("/") ? name.slice(0, name.indexOf("/") + 1) : name));
        return Promise.resolve([...new Set(names)]);
      },
    },
  };
}
