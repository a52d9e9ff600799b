/** What hands can do to a chart. Pixels are from the plot's left edge. */
export interface Gestures {
  hover(x: number): void;
  leave(): void;
  click(x: number): void;
  doubleClick(): void;
  /** A range is drawn from `from` to `to`; it is final with `done`. */
  select(from: number, to: number, done: boolean): void;
  cancelSelect(): void;
  /** Begins to move the steps under the pointer, then moves them by so many pixels in all. */
  grab(): void;
  drag(by: number): void;
  /** @param factor below 1 = closer */
  zoom(factor: number, x: number): void;
}

/** Pixels below which a press is a click. */
const stillness = 4;
/** Milliseconds in which a second click makes a double click. */
const pauseMs = 230;

interface Press {
  readonly x: number;
  readonly pointer: number;
  readonly kind: "select" | "pan";
  moved: boolean;
}

/**
 * Reads the pointer over a plot: drag draws a range, Shift or the middle button pans, the wheel with Ctrl or Cmd zooms.
 * A plain wheel scrolls the page.
 */
export function readGestures(plot: HTMLElement, gestures: Gestures): void {
  let press: Press | null = null;
  let pending = 0;
  const xOf = (event: MouseEvent): number => event.clientX - plot.getBoundingClientRect().left;
  const begin = (event: PointerEvent): void => {
    if (event.button > 1) return;
    const kind = event.button === 1 || event.shiftKey ? "pan" : "select";
    press = { x: xOf(event), pointer: event.pointerId, kind, moved: false };
    plot.setPointerCapture(event.pointerId);
    if (kind === "pan") gestures.grab();
  };
  const move = (event: PointerEvent): void => {
    const x = xOf(event);
    if (press !== null && (press.moved || Math.abs(x - press.x) >= stillness)) {
      press.moved = true;
      if (press.kind === "pan") gestures.drag(x - press.x);
      else gestures.select(press.x, x, false);
    }
    gestures.hover(x);
  };
  const end = (event: PointerEvent): void => {
    const was = press;
    press = null;
    if (was === null || was.kind === "pan") return;
    if (was.moved) gestures.select(was.x, xOf(event), true);
    else click(xOf(event));
  };
  // The first click of a double click must not lead away from the charts.
  const click = (x: number): void => {
    if (pending === 0) {
      pending = window.setTimeout(() => {
        pending = 0;
        gestures.click(x);
      }, pauseMs);
      return;
    }
    window.clearTimeout(pending);
    pending = 0;
    gestures.doubleClick();
  };
  plot.addEventListener("pointerdown", begin);
  plot.addEventListener("pointermove", move);
  plot.addEventListener("pointerup", end);
  plot.addEventListener("pointercancel", () => {
    press = null;
    gestures.cancelSelect();
  });
  plot.addEventListener("pointerleave", () => gestures.leave());
  // The middle button would start the browser's own scrolling.
  plot.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault());
  plot.addEventListener("wheel", (event) => zoomByWheel(event, xOf(event), gestures), { passive: false });
}

function zoomByWheel(event: WheelEvent, x: number, gestures: Gestures): void {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
  gestures.zoom(Math.exp(Math.max(-120, Math.min(120, pixels)) * 0.0022), x);
}
