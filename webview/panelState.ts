import type { StepRange } from "../src/core/curve/stepRange.ts";
import { keepState, keptState } from "./page.ts";

/** How the curves are looked at: small, and kept when the panel is hidden or the window is reloaded. */
export interface PanelState {
  /** Keys of runs that are switched off. */
  readonly hidden: readonly string[];
  readonly filter: string;
  /** From 0 to 0.99. */
  readonly smoothing: number;
  readonly isLog: boolean;
  /** null = all steps. */
  readonly zoom: StepRange | null;
  /** Sections that are closed. */
  readonly closed: readonly string[];
  /** The point that was chosen last. */
  readonly point: { readonly chart: string; readonly step: number } | null;
  /** Pixels from the top. */
  readonly scroll: number;
}

const fresh: PanelState = {
  hidden: [],
  filter: "",
  smoothing: 0,
  isLog: false,
  zoom: null,
  closed: [],
  point: null,
  scroll: 0,
};

/** Milliseconds between two savings while something moves. */
const pauseMs = 100;

export class PanelMemory {
  #state: PanelState = { ...fresh, ...(keptState() as Partial<PanelState> | undefined) };
  #timer = 0;

  constructor() {
    // The page is torn down without asking; what the timer holds has to go first.
    document.addEventListener("visibilitychange", () => this.#save());
  }

  get state(): PanelState {
    return this.#state;
  }

  update(change: Partial<PanelState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#timer === 0) this.#timer = window.setTimeout(() => this.#save(), pauseMs);
  }

  #save(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    keepState(this.#state);
  }
}
