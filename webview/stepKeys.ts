import { lowerBound } from "../src/core/curve/nearest.ts";
import type { ChartLine } from "./curve.ts";

/** What keys can do to a chart. */
export interface KeyActions {
  /** Moves the cursor to the next point in a direction. */
  move(direction: 1 | -1): void;
  /** Moves it by a tenth of what is shown. */
  leap(direction: 1 | -1): void;
  end(which: "first" | "last"): void;
  choose(): void;
  zoom(factor: number): void;
  reset(): void;
  clear(): void;
}

/** Reads the keys of a chart that has the focus; all others go on to the workbench. */
export function readKeys(target: HTMLElement, actions: KeyActions): void {
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => actions.move(1),
    ArrowLeft: () => actions.move(-1),
    PageDown: () => actions.leap(1),
    PageUp: () => actions.leap(-1),
    Home: () => actions.end("first"),
    End: () => actions.end("last"),
    Enter: () => actions.choose(),
    "+": () => actions.zoom(0.5),
    "=": () => actions.zoom(0.5),
    "-": () => actions.zoom(2),
    "0": () => actions.reset(),
    Escape: () => actions.clear(),
  };
  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}

/** The nearest step of any line beyond `step` in a direction; null when there is none. */
export function nextStep(lines: readonly ChartLine[], step: number, direction: 1 | -1): number | null {
  let best: number | null = null;
  for (const { curve } of lines) {
    for (const attempt of curve.attempts) {
      let i = lowerBound(curve.steps, step, attempt);
      if (direction === 1) while (i < attempt.to && curve.steps[i] === step) i++;
      else i--;
      if (i < attempt.from || i >= attempt.to) continue;
      const found = curve.steps[i]!;
      if (best === null || Math.abs(found - step) < Math.abs(best - step)) best = found;
    }
  }
  return best;
}

/** The step of the point of any line that is nearest to `step`; null when there is no point. */
export function nearestStep(lines: readonly ChartLine[], step: number): number | null {
  const before = nextStep(lines, step, -1);
  const after = nextStep(lines, step, 1);
  const here = lines.some(({ curve }) =>
    curve.attempts.some((attempt) => curve.steps[lowerBound(curve.steps, step, attempt)] === step),
  );
  if (here) return step;
  if (before === null || after === null) return before ?? after;
  return step - before <= after - step ? before : after;
}
