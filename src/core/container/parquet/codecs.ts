import type { CompressionCodec } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ContainerError } from "../containerError.ts";
import { decompressZstd } from "../zstd.ts";

/** One page of a Parquet file, unpacked to exactly the size that its header says. */
export function unpackPage(codec: CompressionCodec, input: Uint8Array, size: number): Uint8Array {
  const bytes = unpacked(codec, input, size);
  if (bytes.length !== size)
    throw new ContainerError("damaged", "A page of the Parquet file has another size than announced.");
  return bytes;
}

function unpacked(codec: CompressionCodec, input: Uint8Array, size: number): Uint8Array {
  if (codec === "UNCOMPRESSED") return input;
  if (codec === "ZSTD") return decompressZstd(input, size);
  const decompress = compressors[codec];
  if (decompress === undefined)
    throw new ContainerError(
      "refused",
      `A column of the Parquet file is packed with ${codec}, which is not read.`,
    );
  return decompress(input, size);
}
