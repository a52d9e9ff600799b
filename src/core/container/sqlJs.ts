export type SqlValue = number | string | Uint8Array | null;

export interface SqlStatement {
  /** False behind the last row. */
  step(): boolean;
  get(): SqlValue[];
  free(): boolean;
}

/** Its methods throw a string or an Error where the database cannot be read. */
export interface SqlDatabase {
  prepare(sql: string): SqlStatement;
  close(): void;
}

/** What is used of sql.js: its own types would bring those of Emscripten and Node into the core. */
export interface SqlJs {
  readonly Database: new (image: Uint8Array) => SqlDatabase;
}

/** SQLite as WebAssembly. It is loaded when the first database is met, and costs nothing before. */
export async function loadSqlJs(): Promise<SqlJs> {
  // @ts-expect-error The package has no types for the variant that holds its own WebAssembly.
  const module = (await import("sql.js/dist/sql-wasm-inline.js")) as { default: () => Promise<SqlJs> };
  return module.default();
}
