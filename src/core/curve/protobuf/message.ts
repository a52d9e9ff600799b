import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Stands on a field's value: reads it, or leaves it where it is. */
export type TakeField = (field: number, wireType: WireType, value: BinaryReader) => boolean;

/**
 * Goes through the fields of one protobuf message (protobuf.dev/programming-guides/encoding).
 * @param take reads a field's value; false where it did not, and the field is skipped
 * @throws where the bytes are no message
 */
export function readMessage(bytes: Uint8Array, take: TakeField): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (!take(field, wireType, reader)) reader.skip(wireType, field);
  }
}

/** What `read` gives; null where it finds that the bytes are no message. */
export function messageOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The bytes of one field that is text, bytes or a message; the last one counts, null where there is none. */
export function bytesAt(message: Uint8Array, wanted: number): Uint8Array | null {
  let found: Uint8Array | null = null;
  readMessage(message, (field, wireType, value) => {
    if (field !== wanted || wireType !== WireType.LengthDelimited) return false;
    found = value.bytes();
    return true;
  });
  return found;
}
