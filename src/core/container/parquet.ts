import type { ByteSource } from "../format/format.ts";

/** Names of the columns of a Parquet file; null where its footer cannot be read. */
export async function parquetColumns(_source: ByteSource): Promise<readonly string[] | null> {
  return null;
}
