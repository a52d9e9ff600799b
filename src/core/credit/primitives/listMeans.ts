import type { Lists } from "../columns.ts";

/** Mean of each list; NaN of an empty one, and where one of its numbers is none. */
export function listMeans({ offsets, values }: Lists, mean: Float64Array): void {
  for (let i = 0; i < mean.length; i++) {
    let sum = 0;
    for (let j = offsets[i]!; j < offsets[i + 1]!; j++) sum += values[j]!;
    mean[i] = sum / (offsets[i + 1]! - offsets[i]!);
  }
}
