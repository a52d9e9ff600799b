import { WireReader } from "./wireReader.ts";

/** How the numbers of a tensor's type stand in its raw bytes. */
interface DataType {
  readonly size: number;
  read(view: DataView): number;
}

/** tensorflow/core/framework/types.proto: the numbers that a scalar can be. */
const dataTypes: Readonly<Record<number, DataType>> = {
  1: { size: 4, read: (view) => view.getFloat32(0, true) },
  2: { size: 8, read: (view) => view.getFloat64(0, true) },
  3: { size: 4, read: (view) => view.getInt32(0, true) },
  4: { size: 1, read: (view) => view.getUint8(0) },
  5: { size: 2, read: (view) => view.getInt16(0, true) },
  6: { size: 1, read: (view) => view.getInt8(0) },
  9: { size: 8, read: (view) => Number(view.getBigInt64(0, true)) },
  14: { size: 2, read: (view) => bfloat16(view.getUint16(0, true)) },
  17: { size: 2, read: (view) => view.getUint16(0, true) },
  19: { size: 2, read: (view) => half(view.getUint16(0, true)) },
  22: { size: 4, read: (view) => view.getUint32(0, true) },
  23: { size: 8, read: (view) => Number(view.getBigUint64(0, true)) },
};

/**
 * The number of a rank-0 tensor (tensorflow/core/framework/tensor.proto), from its raw bytes or its list of values.
 * Undefined where the tensor is none, or holds no number.
 */
export function scalarTensor(message: WireReader): number | undefined {
  let type = 0;
  let isScalar = true;
  let content: Uint8Array | null = null;
  let value: number | undefined;
  while (message.next()) {
    switch (message.field) {
      case 1:
        type = message.int64();
        break;
      case 2:
        isScalar &&= !hasDimension(message.message());
        break;
      case 4:
        content = message.bytes();
        break;
      case 5:
        value = first(message, (list) => list.float()) ?? value;
        break;
      case 6:
        value = first(message, (list) => list.double()) ?? value;
        break;
      case 7:
      case 10:
        value = first(message, (list) => list.int64()) ?? value;
        break;
      case 13:
        value = first(message, (list) => (type === 14 ? bfloat16 : half)(list.int64())) ?? value;
        break;
      case 16:
      case 17:
        value = first(message, (list) => list.uint64()) ?? value;
        break;
      default:
        message.skip();
    }
  }
  const dataType = dataTypes[type];
  if (message.failed || !isScalar || dataType === undefined) return undefined;
  if (content === null || content.length === 0) return value;
  if (content.length !== dataType.size) return undefined;
  return dataType.read(new DataView(content.buffer, content.byteOffset, content.byteLength));
}

/** First of a repeated number, packed in one field or not. */
function first(message: WireReader, read: (list: WireReader) => number): number | undefined {
  if (message.wireType !== 2) return read(message);
  const bytes = message.bytes();
  return bytes.length === 0 ? undefined : read(new WireReader(bytes));
}

function hasDimension(shape: WireReader): boolean {
  while (shape.next()) {
    if (shape.field === 2) return true;
    shape.skip();
  }
  return false;
}

/** IEEE 754 binary16 from its bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, (bits & 0xffff) * 2 ** 16);
  return view.getFloat32(0);
}
