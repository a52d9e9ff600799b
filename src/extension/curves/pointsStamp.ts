/** A name for a curve's points that changes with them: FNV-1a over their bits, with their number. */
export function pointsStamp(steps: Float64Array, values: Float64Array): string {
  let hash = 0x811c9dc5;
  for (const column of [steps, values]) {
    const words = new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
    for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  }
  return `${steps.length}-${(hash >>> 0).toString(36)}`;
}
