import { type FileEntry, Reader, Writer, ZipReader } from "@zip.js/zip.js/lib/zip-core-native.js";
import type { ByteSource } from "../format/format.ts";
import { longestLine } from "../format/byteLines.ts";
import { checkGrowth } from "./bomb.ts";
import { asContainerError, ContainerError } from "./containerError.ts";
import { crc32 } from "./crc32.ts";
import { decompressZstd } from "./zstd.ts";

/** A file in a zip file, as its directory describes it. Names are only looked at: nothing is ever written to a disk. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes when it is unpacked, and as it lies in the file. */
  readonly size: number;
  readonly compressedSize: number;
  /** 0 stored, 8 deflate, 93 Zstandard; others are not read. */
  readonly method: number;
  /** Bytes of the entry in the file, its own header among them; half-open. */
  readonly from: number;
  readonly to: number;
  /** Why it is not read, whatever it holds; null where it is. */
  readonly refused: string | null;
}

export interface ZipArchive {
  /** In the directory's order; of several with one name the last alone, as every program unpacks it. */
  readonly entries: readonly ZipEntry[];
  get(name: string): ZipEntry | undefined;
  /** The unpacked bytes. Throws a ContainerError for what is refused or damaged, before or while it grows. */
  read(entry: ZipEntry, mostBytes?: number): Promise<Uint8Array>;
}

/** More than any log has; each costs a record in memory. */
const mostEntries = 500_000;

const zstandard = 93;

/** The directory of a zip file, Zip64 too. Throws a ContainerError where there is none that can be read. */
export async function openZip(source: ByteSource): Promise<ZipArchive> {
  const files = new Map<string, { entry: ZipEntry; file: FileEntry }>();
  const reader = new ZipReader(new SourceReader(source), {
    strictness: "tolerant",
    filenameValidation: "tolerant",
  });
  let count = 0;
  try {
    for await (const file of reader.getEntriesGenerator()) {
      if (++count > mostEntries)
        throw new ContainerError("refused", `The zip file has more than ${mostEntries} entries.`);
      if (!file.directory) {
        // A name that comes again stands where it came last.
        files.delete(file.filename);
        files.set(file.filename, { entry: entryOf(file, source.size), file });
      }
    }
  } catch (error) {
    throw asContainerError(error, "The zip file's directory cannot be read (it may still be written)");
  }
  return {
    entries: [...files.values()].map(({ entry }) => entry),
    get: (name) => files.get(name)?.entry,
    async read(entry, mostBytes = longestLine) {
      const found = files.get(entry.name);
      if (found === undefined) throw new ContainerError("damaged", "The zip file has no such entry.");
      try {
        return await unpack(entry, found.file, mostBytes);
      } catch (error) {
        throw asContainerError(error, `${quoted(entry)} in the zip file is damaged`);
      }
    },
  };
}

/** Names of the entries of a zip file in their order; null where its directory cannot be read. */
export async function zipNames(source: ByteSource): Promise<readonly string[] | null> {
  try {
    return (await openZip(source)).entries.map(({ name }) => name);
  } catch {
    return null;
  }
}

function entryOf(file: FileEntry, fileSize: number): ZipEntry {
  // A directory can say anything; places are in the file.
  const from = Math.min(Math.max(file.offset, 0), fileSize);
  const headers = 30 + (file.filenameLength ?? 0) + (file.extraFieldLength ?? 0);
  return {
    name: file.filename,
    size: file.uncompressedSize,
    compressedSize: file.compressedSize,
    method: file.compressionMethod,
    from,
    to: Math.min(fileSize, from + headers + file.compressedSize),
    refused: refusal(file),
  };
}

function refusal(file: FileEntry): string | null {
  if (/^(?:[/\\]|[a-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/i.test(file.filename))
    return "its name leads out of the zip file";
  if (file.symlink) return "it is a link";
  return file.encrypted ? "it is encrypted" : null;
}

async function unpack(entry: ZipEntry, file: FileEntry, mostBytes: number): Promise<Uint8Array> {
  if (entry.refused !== null)
    throw new ContainerError("refused", `${quoted(entry)} in the zip file is not read: ${entry.refused}.`);
  if (entry.compressedSize > entry.to - entry.from)
    throw new ContainerError("damaged", `${quoted(entry)} ends behind the end of the zip file.`);
  checkGrowth(entry.compressedSize, entry.size, mostBytes, `${quoted(entry)} in the zip file`);
  if (entry.method !== zstandard)
    return file.getData<Uint8Array>(new Sized(entry.size), { useWebWorkers: false, checkCrc32: true });
  const packed = await file.getData<Uint8Array>(new Sized(entry.compressedSize), {
    useWebWorkers: false,
    passThrough: true,
  });
  // A stream is refused as soon as it is larger than the directory says, which is no more than the limit.
  const bytes = decompressZstd(packed, entry.size);
  if (bytes.length !== entry.size || (file.crc32 !== undefined && crc32(bytes) !== file.crc32))
    throw new ContainerError(
      "damaged",
      `${quoted(entry)} in the zip file is damaged: its checksum is another.`,
    );
  return bytes;
}

function quoted({ name }: ZipEntry): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}

/** A ByteSource as zip.js reads it. */
class SourceReader extends Reader<ByteSource> {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super(source);
    this.#source = source;
    this.size = source.size;
  }

  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.#source.read(index, Math.min(index + length, this.#source.size));
  }
}

/** Takes exactly as many bytes as were declared: the first one more ends the unpacking. */
class Sized extends Writer<Uint8Array> {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(size: number) {
    super();
    this.#bytes = new Uint8Array(size);
  }

  override writeUint8Array(chunk: Uint8Array): Promise<void> {
    if (this.#length + chunk.length > this.#bytes.length)
      return Promise.reject(
        new ContainerError("damaged", "An entry of the zip file is larger than its directory says."),
      );
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
    return Promise.resolve();
  }

  override getData(): Promise<Uint8Array> {
    if (this.#length === this.#bytes.length) return Promise.resolve(this.#bytes);
    return Promise.reject(
      new ContainerError("damaged", "An entry of the zip file is smaller than its directory says."),
    );
  }
}
