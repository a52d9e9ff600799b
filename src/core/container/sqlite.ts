import type { ByteSource, FileContext } from "../format/format.ts";

/** Names of the tables of an SQLite database; null where it cannot be read. */
export async function sqliteTables(
  _source: ByteSource,
  _file: FileContext,
): Promise<readonly string[] | null> {
  return null;
}
