import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { bytesAt, messageOrNull, readMessage } from "../protobuf/message.ts";

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
export function scalarTensor(message: Uint8Array): number | undefined {
  return messageOrNull(() => readTensor(message)) ?? undefined;
}

function readTensor(message: Uint8Array): number | undefined {
  let type = 0;
  let isScalar = true;
  let content: Uint8Array = new Uint8Array(0);
  let listed: number | undefined;
  readMessage(message, (field, wireType, value) => {
    if (field === 1 && wireType === WireType.Varint) type = value.int32();
    else if (field === 2 && wireType === WireType.LengthDelimited)
      isScalar = bytesAt(value.bytes(), dimension) === null && isScalar;
    else if (field === 4 && wireType === WireType.LengthDelimited) content = value.bytes();
    else {
      const read = lists.get(field);
      if (read === undefined) return false;
      listed = first(value, wireType, (list) => read(list, type)) ?? listed;
    }
    return true;
  });
  const dataType = dataTypes[type];
  if (!isScalar || dataType === undefined) return undefined;
  if (content.length === 0) return listed;
  if (content.length !== dataType.size) return undefined;
  return dataType.read(new DataView(content.buffer, content.byteOffset, content.byteLength));
}

/** Field of a dimension in a tensor's shape. */
const dimension = 2;

/** Fields that list a tensor's values, by their types. The type stands before them: fields are written in order. */
const lists: ReadonlyMap<number, (list: BinaryReader, type: number) => number> = new Map([
  [5, (list) => list.float()],
  [6, (list) => list.double()],
  [7, (list) => list.int32()],
  [10, (list) => Number(list.int64())],
  [13, (list, type) => (type === 14 ? bfloat16 : half)(list.int32())],
  [16, (list) => list.uint32()],
  [17, (list) => Number(list.uint64())],
]);

/** First of a repeated number, packed in one field or not. */
function first(
  value: BinaryReader,
  wireType: WireType,
  read: (list: BinaryReader) => number,
): number | undefined {
  if (wireType !== WireType.LengthDelimited) return read(value);
  const bytes = value.bytes();
  return bytes.length === 0 ? undefined : read(new BinaryReader(bytes));
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
