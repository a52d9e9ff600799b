import { panned, type StepRange, within, zoomed } from "../src/core/curve/stepRange.ts";
import type { PanelMemory } from "./panelState.ts";

/** The axis that all charts share: which steps there are, and which are shown. */
export class StepAxis {
  readonly #memory: PanelMemory;
  readonly #onMove: () => void;
  /** Lowest and highest step of all curves that are switched on. */
  whole: StepRange = { low: 0, high: 1 };

  constructor(memory: PanelMemory, onMove: () => void) {
    this.#memory = memory;
    this.#onMove = onMove;
  }

  /** Steps that are shown. */
  get range(): StepRange {
    const { zoom } = this.#memory.state;
    return (zoom && within(zoom, this.whole)) ?? this.whole;
  }

  get isZoomed(): boolean {
    return this.#memory.state.zoom !== null;
  }

  zoomTo(low: number, high: number): void {
    const range = within({ low, high }, this.whole);
    if (range !== null) this.#set(range);
  }

  /** @param factor below 1 = closer @param around step that keeps its place; null = the middle */
  zoomBy(factor: number, around: number | null): void {
    const { low, high } = this.range;
    const middle = around === null || around < low || around > high ? (low + high) / 2 : around;
    this.#set(zoomed({ low, high }, this.whole, { factor, around: middle }));
  }

  /** Moves a range by so many steps, and shows it. */
  panFrom(from: StepRange, by: number): void {
    this.#set(panned(from, this.whole, by));
  }

  /** Moves what is shown as little as is needed for a step to be in it. */
  include(step: number): void {
    const { low, high } = this.range;
    if (step < low) this.panFrom({ low, high }, step - low);
    if (step > high) this.panFrom({ low, high }, step - high);
  }

  reset(): void {
    this.#set(null);
  }

  #set(zoom: StepRange | null): void {
    this.#memory.update({ zoom });
    this.#onMove();
  }
}
