import type { TokenColumns } from "./tokenColumns.ts";

/** What a log holds of tokens whose place in the text it does not say. Columns have length n. */
export interface BareTokens {
  readonly n: number;
  readonly ids: Int32Array | null;
  /** Null where the log has none: then `trainable` decides for all. */
  readonly mask: Uint8Array | null;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

/**
 * Tokens without a place in the text (ids without a vocabulary): empty spans at its beginning, never guessed ones. The
 * trace shows them by their ids.
 */
export function bareTokens({ n, ids, mask, columns }: BareTokens, trainable: boolean): TokenColumns {
  return {
    n,
    start: new Int32Array(n),
    end: new Int32Array(n),
    ids,
    mask: mask ?? new Uint8Array(n).fill(trainable ? 1 : 0),
    maskLogged: mask !== null,
    columns,
    extra: new Map(),
    spanSource: "offsets",
  };
}
