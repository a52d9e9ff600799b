import type { ByteSource } from "../format/format.ts";

/** Names of the entries of a zip file in their order; null where its directory cannot be read. */
export async function zipNames(_source: ByteSource): Promise<readonly string[] | null> {
  return null;
}
