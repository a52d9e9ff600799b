import type { BatchShape } from "../columns.ts";

export function groupMean(_batch: BatchShape, _x: Float64Array, _out: Float64Array): void {}
export function groupStd(_batch: BatchShape, _x: Float64Array, _out: Float64Array): void {}
