import { type StepSpans } from "../rollout/stepSpans.ts";
import { hasPlaces, stepOfToken } from "../rollout/tokenPlaces.ts";
import type { Turn } from "../rollout/trajectory.ts";
import type { TurnCredit } from "./credit.ts";
import type { CreditLevel } from "./method.ts";
import type { Row } from "./row.ts";
import type { BatchStep } from "./batchSteps.ts";

interface OwnCredit {
  readonly level: CreditLevel;
  /** The method's numbers for this rollout: 1, one a turn of the policy, one a step it reads, or one a position. */
  readonly lane: Float64Array;
  readonly read: readonly BatchStep[];
  readonly stepsOf: (turn: Turn) => StepSpans;
}

/**
 * A rollout's credit at every level that is finer than the method's: NaN where nothing is trained on. `complete` is
 * false where a number that should be there is not finite.
 */
export function broadcast(row: Row, own: OwnCredit): { turns: readonly TurnCredit[]; complete: boolean } {
  const turns = row.trajectory.turns.map((turn, i) => ofTurn(row, turn, i, own));
  return { turns, complete: isComplete(row, own) };
}

function ofTurn(row: Row, turn: Turn, i: number, own: OwnCredit): TurnCredit {
  switch (own.level) {
    case "trajectory":
      return ofTrajectory(turn, own.lane[0]!, own.stepsOf(turn));
    case "turn":
      return ofPolicyTurn(row, turn, i, own);
    case "step":
      return ofSteps(turn, i, own);
    case "token":
      return ofTokens(row, turn, i, own.lane);
  }
}

function ofPolicyTurn({ policyTurns }: Row, turn: Turn, i: number, own: OwnCredit): TurnCredit {
  const at = policyTurns.indexOf(i);
  return ofTrajectory(turn, at < 0 ? NaN : own.lane[at]!, own.stepsOf(turn));
}

function ofTrajectory(turn: Turn, credit: number, steps: StepSpans): TurnCredit {
  const { tokens } = turn;
  const trained =
    tokens === null ? turn.trainable : tokens.mask.includes(1) || (tokens.n === 0 && turn.trainable);
  return {
    credit: trained ? credit : NaN,
    ...(steps.n > 0 ? { steps: trainedSteps(turn, steps).map((is) => (is === 1 ? credit : NaN)) } : {}),
    ...(tokens === null ? {} : { tokens: Float64Array.from(tokens.mask, (m) => (m === 1 ? credit : NaN)) }),
  };
}

/** 1 for the steps that hold a trained token (or any text, without tokens). */
function trainedSteps(turn: Turn, steps: StepSpans): Float64Array {
  const trained = new Float64Array(steps.n);
  const { tokens } = turn;
  if (tokens === null || tokens.n === 0) return trained.fill(turn.trainable ? 1 : 0);
  // Which of several steps the trained ones of tokens without places stand in is not known: any may hold one.
  if (!hasPlaces(tokens)) return trained.fill(tokens.mask.includes(1) ? 1 : 0);
  for (let t = 0; t < tokens.n; t++) {
    const k = tokens.mask[t] === 1 ? stepOfToken(tokens, t, steps) : -1;
    if (k >= 0) trained[k] = 1;
  }
  return trained;
}

function ofSteps(turn: Turn, i: number, { lane, read, stepsOf }: OwnCredit): TurnCredit {
  const steps = turn.steps.n > 0 ? turn.steps : stepsOf(turn);
  const credits = new Float64Array(steps.n).fill(NaN);
  read.forEach((step, k) => {
    if (step.turn === i) credits[step.step] = lane[k]!;
  });
  const { tokens } = turn;
  const byToken =
    tokens &&
    Float64Array.from(tokens.mask, (m, t) =>
      m === 1 ? (credits[stepOfToken(tokens, t, steps)] ?? NaN) : NaN,
    );
  return { ...(steps.n > 0 ? { steps: credits } : {}), ...(byToken === null ? {} : { tokens: byToken }) };
}

function ofTokens({ positions }: Row, turn: Turn, i: number, lane: Float64Array): TurnCredit {
  if (turn.tokens === null) return {};
  const tokens = new Float64Array(turn.tokens.n).fill(NaN);
  for (let p = positions.first[i]!; p < positions.first[i + 1]!; p++) {
    if (positions.mask[p] === 1) tokens[positions.token[p]!] = lane[p]!;
  }
  return { tokens };
}

function isComplete({ positions }: Row, { level, lane }: OwnCredit): boolean {
  if (level !== "token") return lane.every(Number.isFinite);
  return lane.every((x, t) => positions.mask[t] !== 1 || Number.isFinite(x));
}
