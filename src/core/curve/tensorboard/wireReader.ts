const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

const decoder = new TextDecoder();

/**
 * Reads the fields of one protobuf message (protobuf.dev/programming-guides/encoding). It never throws: where the
 * message ends inside a field, or holds what is no field, `failed` is set and everything from there on reads as 0.
 */
export class WireReader {
  /** Number and wire type of the field that `next` stands on. */
  field = 0;
  wireType = 0;
  failed = false;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Goes to the next field; false at the end. Each field must be read or skipped before the next one. */
  next(): boolean {
    if (this.failed || this.#at >= this.#bytes.length) return false;
    const tag = this.int64();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field < 1 || this.field >= 2 ** 29) this.#fail();
    return !this.failed;
  }

  /** A varint as a signed 64-bit integer; beyond 2^53 the nearest float64. Enums, bools and int32 are read so too. */
  int64(): number {
    const [low, high] = this.#varint();
    // Both parts are whole float64, so that the sum is rounded once.
    return (high | 0) * 2 ** 32 + low;
  }

  /** The same unsigned. */
  uint64(): number {
    const [low, high] = this.#varint();
    return high * 2 ** 32 + low;
  }

  float(): number {
    const at = this.#take(4);
    return this.failed ? 0 : this.#view.getFloat32(at, true);
  }

  double(): number {
    const at = this.#take(8);
    return this.failed ? 0 : this.#view.getFloat64(at, true);
  }

  /** Bytes of a length-delimited field, not copied. */
  bytes(): Uint8Array {
    if (this.wireType !== lengthDelimited) this.#fail();
    const length = this.failed ? 0 : this.uint64();
    const at = this.#take(length);
    return this.#bytes.subarray(at, this.failed ? at : at + length);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  message(): WireReader {
    return new WireReader(this.bytes());
  }

  skip(): void {
    switch (this.wireType) {
      case varint:
        this.#varint();
        return;
      case fixed64:
        this.#take(8);
        return;
      case lengthDelimited:
        this.bytes();
        return;
      case fixed32:
        this.#take(4);
        return;
      default:
        // Groups are long deprecated; no writer of the files read here has them.
        this.#fail();
    }
  }

  /** Low and high 32 bits, both unsigned. */
  #varint(): readonly [low: number, high: number] {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const at = this.#take(1);
      if (this.failed) return [0, 0];
      const byte = this.#bytes[at]!;
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift > 28) high |= bits << (shift - 32);
      else if (shift === 28) high |= bits >>> 4;
      if (byte < 0x80) return [low >>> 0, high >>> 0];
    }
    this.#fail();
    return [0, 0];
  }

  /** Place of the next `n` bytes. */
  #take(n: number): number {
    const at = this.#at;
    if (n > this.#bytes.length - at) this.#fail();
    else this.#at += n;
    return at;
  }

  #fail(): void {
    this.failed = true;
    this.#at = this.#bytes.length;
  }
}
