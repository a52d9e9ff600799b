import { noteFrame } from "./frames.ts";

/** Milliseconds without movement after which what was left out while moving follows. */
const settleMs = 150;

/** What has to be drawn: what lies over the charts alone, or their lines too. */
export type Extent = "overlay" | "lines";

export interface FrameLoopOptions {
  /** @param isMoving all charts move: only what is on screen is wanted */
  readonly draw: (extent: Extent, isMoving: boolean) => void;
  /** A movement has come to rest. */
  readonly settle: () => void;
}

/** Whatever happens, everything is drawn once in the next frame. */
export class FrameLoop {
  readonly #options: FrameLoopOptions;
  #extent: Extent | null = null;
  #isMoving = false;
  #settling = 0;

  constructor(options: FrameLoopOptions) {
    this.#options = options;
  }

  /** Something has to be drawn anew. */
  schedule(extent: Extent): void {
    if (this.#extent === null) requestAnimationFrame(() => this.#draw());
    if (this.#extent !== "lines") this.#extent = extent;
  }

  /** All charts move: their frames are measured. */
  move(): void {
    this.#isMoving = true;
    this.schedule("lines");
  }

  #draw(): void {
    const extent = this.#extent ?? "lines";
    const isMoving = this.#isMoving;
    this.#extent = null;
    this.#isMoving = false;
    const started = performance.now();
    this.#options.draw(extent, isMoving);
    if (!isMoving) return;
    noteFrame(performance.now() - started);
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => {
      this.schedule("lines");
      this.#options.settle();
    }, settleMs);
  }
}
