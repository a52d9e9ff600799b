import type { CurveHead, CurvesOverview, PointsPiece, PointsRequest } from "../src/protocol/webview.ts";
import { Curve } from "./curve.ts";
import type { CurvesHost } from "./curvesHost.ts";

interface Wanted {
  readonly head: CurveHead;
  readonly steps: Float64Array;
  readonly values: Float64Array;
  filled: number;
}

/** The curves whose points are here. They are fetched when a chart comes into view, and again when they changed. */
export class CurveStore {
  readonly #host: CurvesHost;
  readonly #onArrive: () => void;
  readonly #curves = new Map<string, Curve>();
  readonly #wanted = new Map<string, Wanted>();
  #version = -1;
  #isFetching = false;

  /** @param onArrive curves that were asked for are here */
  constructor(host: CurvesHost, onArrive: () => void) {
    this.#host = host;
    this.#onArrive = onArrive;
  }

  /** Takes a new overview: what has not changed is kept. */
  renew({ version, heads }: CurvesOverview): void {
    this.#version = version;
    this.#wanted.clear();
    const known = new Set(heads.map(keyOf));
    for (const key of this.#curves.keys()) if (!known.has(key)) this.#curves.delete(key);
  }

  /** The curve; null while it is on its way, or the older one where it only grew. */
  get(head: CurveHead): Curve | null {
    const key = keyOf(head);
    const curve = this.#curves.get(key) ?? null;
    if (curve?.head.stamp === head.stamp) return curve;
    if (!this.#wanted.has(key)) {
      const column = (): Float64Array => new Float64Array(head.length);
      this.#wanted.set(key, { head, steps: column(), values: column(), filled: 0 });
      void this.#fetch();
    }
    return curve;
  }

  async #fetch(): Promise<void> {
    if (this.#isFetching) return;
    this.#isFetching = true;
    try {
      // All that the same frame asks for goes in one request.
      await new Promise(requestAnimationFrame);
      while (this.#wanted.size > 0) {
        const version = this.#version;
        const requests = Array.from(this.#wanted.values(), ({ head: { id }, filled }) => ({
          id,
          from: filled,
        }));
        const pieces = await this.#pieces(version, requests);
        // A newer overview is here, and its charts have asked anew.
        if (version !== this.#version) continue;
        for (const piece of pieces) this.#take(piece);
        if (pieces.length === 0) this.#wanted.clear();
        this.#onArrive();
      }
    } finally {
      this.#isFetching = false;
    }
  }

  /** Empty where the host has read the files again meanwhile: it tells so, and the next overview asks anew. */
  async #pieces(version: number, requests: readonly PointsRequest[]): Promise<readonly PointsPiece[]> {
    try {
      return await this.#host.api.points(version, requests);
    } catch {
      return [];
    }
  }

  #take({ id, from, steps, values }: PointsPiece): void {
    for (const [key, wanted] of this.#wanted) {
      if (wanted.head.id !== id || wanted.filled !== from) continue;
      wanted.steps.set(steps, from);
      wanted.values.set(values, from);
      wanted.filled = from + steps.length;
      if (wanted.filled < wanted.head.length) continue;
      this.#wanted.delete(key);
      this.#curves.set(key, new Curve(wanted.head, wanted.steps, wanted.values));
    }
  }
}

function keyOf({ run, name, files }: CurveHead): string {
  return JSON.stringify([run, name, files]);
}
