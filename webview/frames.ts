/** Frames that are remembered. */
const capacity = 240;

/** Milliseconds of work in the latest frames of zooming and panning; numbers only, read by the benchmark. */
export const frames: number[] = [];

declare global {
  interface Window {
    __curves?: { readonly frames: readonly number[] };
  }
}
window.__curves = { frames };

export function noteFrame(ms: number): void {
  frames.push(ms);
  if (frames.length > capacity) frames.shift();
}
