import { ContainerError } from "../container/containerError.ts";
import { type SqliteDatabase, withDatabase } from "../container/sqlite.ts";
import type { ByteSource, FileContext } from "../format/format.ts";
import type { CurveContent, CurveOptions } from "./curveFormat.ts";
import { SeriesTable } from "./seriesTable.ts";

/** A database has no lines, and its rows no bytes that a person could look at. */
export const inDatabase = { line: 0, byte: 0 } as const;

/**
 * Reads the curves of an SQLite database. Damage is an issue; what was read before it stays.
 * @param read adds the points, and the names of the runs that it adds by their ids
 */
export async function readDatabase(
  source: ByteSource,
  file: FileContext,
  options: CurveOptions,
  read: (database: SqliteDatabase, table: SeriesTable, names: Map<string, string>) => Promise<void>,
): Promise<CurveContent> {
  const table = new SeriesTable(options);
  const names = new Map<string, string>();
  try {
    await withDatabase(source, file, (database) => read(database, table, names));
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error;
    table.report({ code: error.code, ...inDatabase, message: error.message });
  }
  return table.done(names);
}

/** The bytes begin as an SQLite database. */
export function isDatabase(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 16)) === "SQLite format 3\0";
}

/** Names of the files of SQLite databases. */
export const databaseNames = {
  extensions: [".db", ".sqlite", ".sqlite3"],
  /** Their write-ahead logs. */
  alsoFollows: ["*.db-wal", "*.sqlite-wal", "*.sqlite3-wal"],
  hasName: (name: string): boolean => /\.(?:db|sqlite3?)$/i.test(name),
} as const;
