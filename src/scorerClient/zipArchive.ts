import { BlobReader, type FileEntry, ZipReader } from "@zip.js/zip.js/lib/zip-core-native.js";
import { createWriteStream, openAsBlob } from "node:fs";
import { basename, join } from "node:path";
import { Writable } from "node:stream";

/**
 * Takes files out of a zip archive into one folder, by the last part of their names. It is large and seldom needed: a
 * bundle of its own, which is why it throws plain errors only: a class is another one there.
 * @param isWanted is asked with the path inside the archive
 */
export async function takeOut(file: string, to: string, isWanted: (path: string) => boolean): Promise<void> {
  const reader = new ZipReader(new BlobReader(await openAsBlob(file)));
  try {
    for (const entry of await reader.getEntries()) {
      if (entry.directory || !isWanted(entry.filename)) continue;
      const path = join(to, basename(entry.filename));
      await (entry as FileEntry).getData(Writable.toWeb(createWriteStream(path)));
    }
  } finally {
    await reader.close();
  }
}
