import initSqlJs from "sql.js";
import type { ByteSource, FileContext } from "../../../src/core/format/format.ts";
import { memorySource } from "../format/memorySource.ts";

/** An SQLite database that these statements make. */
export async function sqliteFile(...statements: readonly string[]): Promise<Uint8Array> {
  const { Database } = await initSqlJs();
  const database = new Database();
  for (const statement of statements) database.run(statement);
  const bytes = database.export();
  database.close();
  return bytes;
}

/** A database with its write-ahead log beside it. */
export function withWal(path: string, wal: Uint8Array | null): FileContext {
  const name = `${path.replace(/^.*\//, "")}-wal`;
  const open = (asked: string): Promise<ByteSource | null> =>
    Promise.resolve(asked === name && wal !== null ? memorySource(wal) : null);
  return { path, near: { open, list: () => Promise.resolve([]) } };
}
