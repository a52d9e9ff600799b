import { type Segmentation, stepsOf } from "../rollout/segment.ts";
import type { StepSpans } from "../rollout/stepSpans.ts";
import type { TokenColumns } from "../rollout/tokenColumns.ts";
import type { Trajectory, Turn } from "../rollout/trajectory.ts";
import type { ModelManifest } from "./modelManifest.ts";
import { headOf } from "./registry.ts";
import type { ScorePart } from "./scoreText.ts";

/**
 * A model's numbers for the parts of one trajectory. `part` runs along the parts; the token arrays hold the tokens of
 * the scored parts one after the other, `[first[p], first[p + 1])` those of part p, with spans in UTF-16 units of the
 * part's text.
 */
export interface PartScores {
  /** Score at the part's mark; NaN = none. */
  readonly part: Float32Array;
  readonly first: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly ids: Int32Array;
  /** NaN = the model's numbers at tokens mean nothing. */
  readonly token: Float32Array;
}

/** Name of the column a model adds. */
export function columnOf({ id, head }: Pick<ModelManifest, "id" | "head">): string {
  return `${headOf(head)!.column}@${id}`;
}

/**
 * The trajectory with a scorer's columns. A logged signal is never touched. A turn without tokens gets those of the
 * scorer; logged tokens get the score of the scorer's token that ends with them (or, for a value, begins with them).
 */
export function attachScores(
  trajectory: Trajectory,
  parts: readonly ScorePart[],
  scores: PartScores,
  {
    manifest,
    segmentation,
  }: { readonly manifest: ModelManifest; readonly segmentation: Segmentation | undefined },
): Trajectory {
  const turns = trajectory.turns.map((turn, i) => {
    const own = parts.flatMap((part, p) => (part.turn === i && part.kind !== "other" ? [p] : []));
    if (own.length === 0) return turn;
    const made = madeTokens(parts, scores, own);
    const steps = withStepScores(stepsOf(turn, segmentation), parts, scores, { own, manifest });
    return { ...turn, steps, tokens: withTokenScores(turn, made, manifest) };
  });
  return { ...trajectory, turns };
}

interface Made {
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly ids: Int32Array;
  readonly score: Float64Array;
}

/** The scorer's tokens of one turn, in order, with spans in the turn's content. */
function madeTokens(parts: readonly ScorePart[], scores: PartScores, own: readonly number[]): Made {
  const n = own.reduce((sum, p) => sum + scores.first[p + 1]! - scores.first[p]!, 0);
  const made = {
    start: new Int32Array(n),
    end: new Int32Array(n),
    ids: new Int32Array(n),
    score: new Float64Array(n),
  };
  let at = 0;
  for (const p of own) {
    const { from } = parts[p]!;
    for (let t = scores.first[p]!; t < scores.first[p + 1]!; t++, at++) {
      made.start[at] = from + scores.start[t]!;
      made.end[at] = from + scores.end[t]!;
      made.ids[at] = scores.ids[t]!;
      made.score[at] = scores.token[t]!;
    }
  }
  return made;
}

function withStepScores(
  steps: StepSpans,
  parts: readonly ScorePart[],
  scores: PartScores,
  { own, manifest }: { readonly own: readonly number[]; readonly manifest: ModelManifest },
): StepSpans {
  const column = new Float64Array(steps.n).fill(NaN);
  for (const p of own) {
    const { step } = parts[p]!;
    if (step >= 0) column[step] = scores.part[p]!;
  }
  if (column.every(Number.isNaN)) return steps;
  return { ...steps, columns: new Map([...steps.columns, [columnOf(manifest), column]]) };
}

function withTokenScores(
  { tokens, content }: Turn,
  made: Made,
  manifest: ModelManifest,
): TokenColumns | null {
  const name = columnOf(manifest);
  const isScored = made.score.some((score) => !Number.isNaN(score));
  if (tokens !== null) {
    if (!isScored) return tokens;
    const column = alongLogged(tokens, made, { atEnd: headOf(manifest.head)!.column === "prm" });
    return { ...tokens, columns: new Map([...tokens.columns, [name, column]]) };
  }
  if (made.ids.length === 0 || content === "") return null;
  return {
    n: made.ids.length,
    start: made.start,
    end: made.end,
    ids: made.ids,
    mask: new Uint8Array(made.ids.length).fill(1),
    maskLogged: false,
    columns: isScored ? new Map([[name, made.score]]) : new Map(),
    extra: new Map(),
    spanSource: "offsets",
    scorer: manifest.id,
  };
}

/**
 * Scores of the scorer's tokens along the log's: both tell of the same characters. Judged after reading, a logged token
 * has the score at its last character; a value is of the state before its first. NaN between the parts, and for tokens
 * that are no text.
 */
function alongLogged(tokens: TokenColumns, made: Made, { atEnd }: { readonly atEnd: boolean }): Float64Array {
  const column = new Float64Array(tokens.n).fill(NaN);
  let m = 0;
  for (let t = 0; t < tokens.n; t++) {
    const [from, to] = [tokens.start[t]!, tokens.end[t]!];
    if (from === to) continue;
    const character = atEnd ? to - 1 : from;
    while (m > 0 && made.start[m]! > character) m--;
    while (m < made.start.length && made.end[m]! <= character) m++;
    if (m < made.start.length && made.start[m]! <= character)
      column[t] = made.score[lastOn(made, m, character, atEnd)]!;
  }
  return column;
}

/** Several of the scorer's tokens may share a character: the last of them has read it whole. */
function lastOn({ start, end }: Made, m: number, character: number, atEnd: boolean): number {
  while (atEnd && m + 1 < start.length && start[m + 1]! <= character && end[m + 1]! > character) m++;
  return m;
}
