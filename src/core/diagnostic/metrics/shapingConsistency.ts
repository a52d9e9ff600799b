import { turnNumber } from "../../credit/ownNumbers.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { stateSeen } from "../loggedFields.ts";
import { ShapingTransitions } from "../potentialFit.ts";
import { Lacking } from "../lacking.ts";

/** A shaping term paid in a state that the policy saw. */
export interface ShapedTurn {
  /** null = not logged. */
  readonly state: string | null;
  /** NaN = not logged. */
  readonly shaping: number;
}

/** A way back to a state, with what it paid. */
export interface Loop {
  readonly id: string;
  readonly state: string;
  readonly turns: number;
  readonly net: number;
}

/** Ways from a state back to it, each to the nearest return, that pay more than nothing. */
export function payingLoops(id: string, turns: readonly ShapedTurn[]): readonly Loop[] {
  const last = new Map<string, number>();
  const loops: Loop[] = [];
  turns.forEach(({ state }, i) => {
    if (state === null) return;
    const from = last.get(state);
    last.set(state, i);
    if (from === undefined) return;
    const net = turns.slice(from, i).reduce((sum, { shaping }) => sum + shaping, 0);
    // Rounding of a pure potential's sum is no pay.
    if (net > 1e-9) loops.push({ id, state, turns: i - from, net });
  });
  return loops;
}

/** Whether a shaping term could come from a potential, and where it pays for going in circles. */
export const shapingConsistency = diagnostic({
  id: "shapingConsistency",
  label: "Shaping consistency",
  doc: "Share of a shaping term that no potential over the states explains: that part can change what is optimal. Ways back to a state that pay are listed: they can be walked for ever.",
  paper: "https://people.eecs.berkeley.edu/~pabbeel/cs287-fa09/readings/NgHaradaRussell-shaping-ICML1999.pdf",
  status: "own",
  scope: "run",
  needs: ["turn.shaping", "turn.state"],
  params: {
    term: {
      kind: "text",
      default: "shaping",
      doc: "number of a turn that is the shaping term; `reward` for its reward",
    },
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount of the potential of the next state" },
    ending: {
      kind: "choice",
      choices: ["zero", "skip"],
      default: "zero",
      doc: "the last turn leads to a potential of 0, or is left out",
    },
    alarm: { kind: "number", default: 0.1, min: 0, max: 1, doc: "share that is worth a look" },
  },
  presets: { default: {} },
  measure: ({ term, gamma, ending, alarm }) => {
    const transitions = new ShapingTransitions(gamma);
    let loops: Loop[] = [];
    let paying = 0;
    let run = "";
    const lacking = new Lacking([`turn.${term}`, "turn.state"]);
    const add = (trajectory: Trajectory): void => {
      const turns = shapedTurns(trajectory, term);
      turns.forEach(({ state, shaping }, i) => {
        const next = turns[i + 1];
        if (state === null || Number.isNaN(shaping) || next?.state === null) return;
        if (next !== undefined || ending === "zero") transitions.add(state, next?.state ?? null, shaping);
      });
      const own = payingLoops(trajectory.id, turns);
      paying += own.length;
      loops = [...loops, ...own].toSorted((a, b) => b.net - a.net).slice(0, 5);
    };
    return {
      batch: (batch) => {
        ({ run } = batch);
        lacking.see(batch.members);
        for (const { trajectory } of batch.members) add(trajectory);
        return [];
      },
      end: () => [{ scope: { run }, ...measured(transitions, { loops, paying, alarm, lacking }) }],
    };
  },
});

function shapedTurns({ turns }: Trajectory, term: string): readonly ShapedTurn[] {
  return turns.flatMap((turn, i) =>
    turn.trainable ? [{ state: stateSeen(turns, i), shaping: turnNumber(turn, term) }] : [],
  );
}

function measured(
  all: ShapingTransitions,
  {
    loops,
    paying,
    alarm,
    lacking,
  }: {
    readonly loops: readonly Loop[];
    readonly paying: number;
    readonly alarm: number;
    readonly lacking: Lacking;
  },
): Omit<Measurement, "scope"> {
  const { residual, transitions, potential } = all.fit();
  if (transitions === 0) return { value: NaN, evidence: {}, missing: lacking.signals };
  return {
    value: residual,
    evidence: {
      transitions,
      states: potential.size,
      potential: Object.fromEntries([...potential].slice(0, 50)),
      paying_loops: paying,
      loops: loops.map((loop) => ({ ...loop })),
    },
    alarm: residual > alarm || paying > 0,
  };
}
