import type { ByteSource, FileContext } from "../format/format.ts";
import { ContainerError, asContainerError } from "./containerError.ts";
import { isPageSize, readWal } from "./sqliteWal.ts";
import { loadSqlJs, type SqlDatabase, type SqlStatement, type SqlValue } from "./sqlJs.ts";

/** A database is held in memory twice: as it was read, and as SQLite sees it. */
const mostBytes = 2 ** 29;

/** Bytes of a database that are read to see what it is: its schema lies at its beginning, as a rule. */
const headSize = 1 << 23;

/** A row takes six bytes at least, so that a file with more rows goes in circles. */
const leastRowSize = 6;

/** Rows between two looks at the signal. */
const rowsAtOnce = 1 << 16;

export type { SqlValue };

/** A database that is open for reading. */
export interface SqliteDatabase {
  /** Names of its tables; views and virtual tables are none. */
  readonly tables: readonly string[];
  /**
   * Hands over the rows of a table in the order they were written in: of each the values of the columns that are asked
   * for, null where the table has no such column. Stops early when the signal gives up. Throws a ContainerError where
   * the table is damaged, after the rows before the damage.
   */
  eachRow(
    table: string,
    columns: readonly string[],
    take: (row: readonly SqlValue[]) => void,
    signal?: { readonly aborted: boolean },
  ): Promise<void>;
  hasColumns(table: string, columns: readonly string[]): boolean;
}

/** Names of the tables of an SQLite database; null where it cannot be read. */
export async function sqliteTables(source: ByteSource, file: FileContext): Promise<readonly string[] | null> {
  const names: string[] = [];
  try {
    await withImage(source, file, headSize, (database) => addTables(database, names));
    return names;
  } catch {
    // The schema may go on behind what was read.
  }
  try {
    return await withDatabase(source, file, ({ tables }) => tables);
  } catch {
    return names.length > 0 ? names : null;
  }
}

/**
 * Opens an SQLite database with what its write-ahead log holds beside it (`<name>-wal`); both are only read.
 * @throws ContainerError where it is too large or damaged; whatever `use` throws
 */
export async function withDatabase<T>(
  source: ByteSource,
  file: FileContext,
  use: (database: SqliteDatabase) => T | Promise<T>,
): Promise<T> {
  if (source.size > mostBytes) throw tooLarge(source.size);
  return withImage(source, file, mostBytes, async (database, size) => {
    const tables: string[] = [];
    reading(() => addTables(database, tables));
    return use({
      tables,
      hasColumns: (table, columns) => {
        const known = columnsOf(database, table);
        return columns.every((column) => known.has(column));
      },
      eachRow: async (table, columns, take, signal) => {
        const known = tables.includes(table) ? columnsOf(database, table) : new Set();
        const names = columns.map((column) => (known.has(column) ? quoted(column) : "NULL"));
        const left =
          known.size === 0
            ? []
            : rowsOf(database, `SELECT ${names.join()} FROM ${quoted(table)} NOT INDEXED`);
        let count = 0;
        for (const row of left) {
          if (++count > size / leastRowSize)
            throw new ContainerError(
              "damaged",
              `The table ${table} has more rows than the file has room for.`,
            );
          take(row);
          if (count % rowsAtOnce !== 0) continue;
          // Something else runs meanwhile, and may give up.
          await source.read(0, 1);
          if (signal?.aborted === true) return;
        }
      },
    });
  });
}

async function withImage<T>(
  source: ByteSource,
  file: FileContext,
  limit: number,
  use: (database: SqlDatabase, size: number) => T | Promise<T>,
): Promise<T> {
  const image = await imageOf(source, file, limit);
  const { Database } = await loadSqlJs().catch((error: unknown) => {
    throw new ContainerError("refused", `SQLite could not be loaded: ${String(error).slice(0, 120)}.`);
  });
  const database = reading(() => new Database(image));
  try {
    return await use(database, image.length);
  } finally {
    database.close();
  }
}

/**
 * The database as it is after the last commit in its write-ahead log, marked as one that has no such log.
 * @param limit bytes that are read at most
 */
async function imageOf(source: ByteSource, { path, near }: FileContext, limit: number): Promise<Uint8Array> {
  const main = await source.read(0, Math.min(source.size, limit));
  const log = await near.open(`${path.replace(/^.*\//, "")}-wal`);
  const wal = log === null || log.size > mostBytes ? null : readWal(await log.read(0, log.size));
  if (wal === null) return marked(main, main.length < source.size);
  const size = wal.pages * wal.pageSize;
  if (size > mostBytes) throw tooLarge(size);
  const image = new Uint8Array(Math.min(size, Math.max(limit, main.length)));
  image.set(main.subarray(0, image.length));
  for (const [page, bytes] of wal.newest) {
    const from = (page - 1) * wal.pageSize;
    if (from + bytes.length <= image.length) image.set(bytes, from);
  }
  return marked(image, image.length < size);
}

/** Versions of the file format for writing and reading: 2 would send SQLite to a log that is not there. */
const formatVersions = [18, 19] as const;
const pageSizeAt = 16;
const pageCountAt = 28;

function marked(image: Uint8Array, isCut: boolean): Uint8Array {
  if (image.length < 100) throw new ContainerError("damaged", "The SQLite database ends in its header.");
  for (const at of formatVersions) image[at] = 1;
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const pageSize = view.getUint16(pageSizeAt) === 1 ? 65536 : view.getUint16(pageSizeAt);
  if (!isPageSize(pageSize)) throw new ContainerError("damaged", "The SQLite database has no page size.");
  if (isCut) view.setUint32(pageCountAt, Math.floor(image.length / pageSize));
  return image;
}

/** Adds the names of the tables, as far as the schema can be read. */
function addTables(database: SqlDatabase, names: string[]): void {
  for (const [type, name, root] of rowsOf(database, "SELECT type, name, rootpage FROM sqlite_master"))
    if (type === "table" && typeof name === "string" && typeof root === "number" && root > 0)
      names.push(name);
}

/** Columns that are stored: a generated one would run what the file says. */
function columnsOf(database: SqlDatabase, table: string): ReadonlySet<SqlValue> {
  const columns = new Set<SqlValue>();
  for (const row of rowsOf(database, `PRAGMA table_xinfo(${quoted(table)})`))
    if (row[6] === 0) columns.add(row[1]!);
  return columns;
}

function* rowsOf(database: SqlDatabase, sql: string): Generator<readonly SqlValue[]> {
  const statement: SqlStatement = reading(() => database.prepare(sql));
  try {
    while (reading(() => statement.step())) yield reading(() => statement.get());
  } finally {
    statement.free();
  }
}

/** What SQLite says of a file it cannot read, as a ContainerError. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asContainerError(error, "The SQLite database cannot be read");
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function tooLarge(size: number): ContainerError {
  const inMiB = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return new ContainerError(
    "oversized",
    `This database has ${inMiB(size)} MiB; ${inMiB(mostBytes)} are read at most. Export the runs that are wanted.`,
  );
}
