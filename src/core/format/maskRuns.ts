import { type BareTokens, bareTokens } from "../rollout/bareTokens.ts";
import { textTurn } from "../rollout/textTrajectory.ts";
import { type SignalNote, type Turn, turnsNote } from "../rollout/trajectory.ts";

/** Tokens of a whole rollout: the mask tells what was trained on. */
export interface MaskedTokens extends BareTokens {
  readonly mask: Uint8Array;
}

/** Neighbouring tokens with the same mask, half-open. */
export interface MaskRun {
  readonly from: number;
  readonly to: number;
  readonly trained: boolean;
}

/** Turns with their tokens, and how they were found, for the trajectory's `signals`. */
export interface FoundTurns {
  readonly turns: readonly Turn[];
  readonly signals: ReadonlyMap<string, SignalNote>;
}

/** A turn's role where the log only has the tokens of a rollout, and says nothing of where its messages lie in them. */
export const tokensRole = "tokens";

export function maskRuns(mask: Uint8Array): readonly MaskRun[] {
  const runs: MaskRun[] = [];
  let from = 0;
  for (let t = 1; t <= mask.length; t++) {
    if (t < mask.length && mask[t] === mask[from]) continue;
    runs.push({ from, to: t, trained: mask[from] === 1 });
    from = t;
  }
  return runs;
}

/** A turn without text for each run of the mask: the context, what was trained on, what came between. */
export function runTurns(tokens: MaskedTokens): FoundTurns {
  const runs = maskRuns(tokens.mask);
  const turns = runs.map((run, i) => {
    const role = run.trained ? "assistant" : i === 0 ? "prompt" : "environment";
    return { ...textTurn(role, "", i - 1), tokens: slice(tokens, run) };
  });
  return { turns, signals: noted("from the loss mask") };
}

/**
 * Tokens put on the messages they belong to. They fit where each message that was trained on is one run of the mask,
 * and what stands between two of them is one message; messages before the first may share their run, which the last of
 * them holds. Null where the mask has other runs than that: nothing is guessed.
 */
export function placeTokens(messages: readonly Turn[], tokens: MaskedTokens): FoundTurns | null {
  const runs = maskRuns(tokens.mask);
  const head = messages.findIndex(({ trainable }) => trainable);
  // Messages of the context before the last of them have no run of their own.
  const shared = Math.max(0, (head < 0 ? messages.length : head) - 1);
  if (runs.length !== messages.length - shared) return null;
  const fits = runs.every(({ trained }, k) => trained === messages[k + shared]!.trainable);
  if (!fits) return null;
  const turns = messages.map((turn, i) =>
    i < shared ? turn : { ...turn, tokens: slice(tokens, runs[i - shared]!) },
  );
  return { turns, signals: noted("messages, with tokens from the loss mask") };
}

/**
 * Messages and, behind them, a turn that holds all tokens: for a log that does not say where in them its messages lie.
 * That turn alone is trained on; of the messages it is not known which tokens are theirs.
 */
export function tokensApart(messages: readonly Turn[], tokens: MaskedTokens): FoundTurns {
  const texts = messages.map((turn) => ({ ...turn, trainable: false }));
  const whole = { ...tokens, from: 0, to: tokens.n };
  const turn = {
    ...textTurn(tokensRole, "", messages.length - 1),
    trainable: true,
    tokens: slice(tokens, { ...whole, trained: true }),
  };
  return {
    turns: [...texts, turn],
    signals: noted("messages; their tokens, whose places are not known, stand in a turn of their own"),
  };
}

function noted(source: string): ReadonlyMap<string, SignalNote> {
  return new Map([[turnsNote, { source }]]);
}

/** Copies, so that a turn handed to another thread takes no more than its own tokens along. */
function slice({ ids, mask, columns }: MaskedTokens, { from, to, trained }: MaskRun): Turn["tokens"] {
  const own = new Map([...columns].map(([name, column]) => [name, column.slice(from, to)]));
  const kept = new Map([...own].filter(([, column]) => !column.every(Number.isNaN)));
  return bareTokens(
    { n: to - from, ids: ids?.slice(from, to) ?? null, mask: mask.slice(from, to), columns: kept },
    trained,
  );
}
