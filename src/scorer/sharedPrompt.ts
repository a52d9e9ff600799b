import type { OnnxModel } from "./onnxModel.ts";
import type { TextState } from "./pastInputs.ts";
import { batchesOf, type RunSize, type Window } from "./windows.ts";

/** Tokens of a prompt, and texts that begin with it, from which on computing it once is worth its copies. */
const leastPrompt = 64;
const leastTexts = 4;
/**
 * Rows of a run behind a shared prompt, and tokens of the texts' own in it: its keys and values are copied for every row,
 * and runs that are full gain nothing by more.
 */
const sharedRows = 4;
const sharedTokens = 512;
/** Bytes of all copies of a prompt's keys and values in one run. */
const mostBytes = 2 ** 28;

/**
 * The beginning of several texts, computed once. Its last token is left to the texts, so that what a model says of the
 * state before their first own token is among the outputs of their runs.
 */
export class SharedPrompt {
  readonly #ids: readonly number[];
  readonly #states = new Map<OnnxModel, TextState>();

  constructor(prompt: readonly number[]) {
    this.#ids = prompt.slice(0, -1);
  }

  /** Tokens that are computed once. */
  get length(): number {
    return this.#ids.length;
  }

  /** A window of a text with its whole prompt before it. */
  whole(window: Window): Window {
    return {
      ...window,
      before: [...this.#ids, ...window.before],
      length: this.#ids.length + window.length,
    };
  }

  /** @throws ModelError when the model fails */
  async stateOf(model: OnnxModel): Promise<TextState> {
    let state = this.#states.get(model);
    if (state === undefined) this.#states.set(model, (state = await model.read(this.#ids)));
    return state;
  }
}

/** Windows of one run of the model, and the prompt that stands before all of them where it is computed once. */
export interface Batch {
  readonly windows: readonly Window[];
  readonly prompt: SharedPrompt | null;
}

/** The runs that texts need: those of one prompt behind it where `past` allows it, the others by their lengths. */
export function planRuns(
  windows: readonly Window[],
  size: RunSize,
  past: { readonly tokenBytes: number } | null,
): Batch[] {
  if (past === null) return batchesOf(windows, size).map((batch) => ({ windows: batch, prompt: null }));
  const groups = new Map<string, Window[]>();
  const single: Window[] = [];
  for (const window of windows) {
    const { before, sequence, from, to } = window;
    const isWhole = from === 0 && to === sequence.ids.length && before.length === sequence.before.length;
    const key = isWhole && before.length >= leastPrompt ? before.join() : null;
    if (key === null) single.push(window);
    else if (groups.get(key)?.push(window) === undefined) groups.set(key, [window]);
  }
  const shared: Batch[] = [];
  for (const group of groups.values()) {
    const { before } = group[0]!;
    const rows = Math.min(sharedRows, Math.floor(mostBytes / (past.tokenBytes * before.length)));
    if (group.length < leastTexts || rows < 1) {
      single.push(...group);
      continue;
    }
    const prompt = new SharedPrompt(before);
    const own = { ...size, tokens: Math.min(size.tokens, sharedTokens), rows: Math.min(size.rows, rows) };
    for (const batch of batchesOf(group.map(behindPrompt), own)) shared.push({ windows: batch, prompt });
  }
  return [...shared, ...planRuns(single, size, null)];
}

/** The window without what its prompt's last token stands behind. */
function behindPrompt(window: Window): Window {
  const before = window.before.slice(-1);
  return { ...window, before, length: before.length + window.to - window.from };
}
