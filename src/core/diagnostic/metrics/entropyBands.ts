import { meanOf } from "../../stats/moments.ts";
import { scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement, type Plain } from "../diagnostic.ts";

/** What a turn's entropy does against its own history. */
export type Band = "within" | "collapse" | "chaos";

/** Within (low, high) times the history; NaN and a missing history are within: nothing is known against them. */
export function bandOf(entropy: number, history: number, low: number, high: number): Band {
  if (entropy <= low * history) return "collapse";
  return entropy >= high * history ? "chaos" : "within";
}

/**
 * Mean entropy of the later half of the turns minus that of the earlier half: above 0, uncertainty cascades from early turns
 * to late ones. The middle of an odd number counts in neither; NaN for fewer than two turns.
 */
export function cascadeGap(byTurn: readonly number[]): number {
  const half = Math.floor(byTurn.length / 2);
  if (half === 0) return NaN;
  return meanOf(byTurn.slice(byTurn.length - half)) - meanOf(byTurn.slice(0, half));
}

/** Entropy of each turn over training against bands around its own history (after EPO). */
export const entropyBands = diagnostic({
  id: "entropyBands",
  label: "Entropy collapse and cascade",
  doc: "Mean token entropy (`tokens.entropy`) of the policy's 1st, 2nd, … turn at each train step, against the mean of the steps before: collapse or chaos where it leaves the band. The value is the gap between late and early turns.",
  paper: "https://arxiv.org/abs/2509.22576",
  status: "own",
  scope: "batch",
  needs: ["token.entropy"],
  params: {
    low: { kind: "number", default: 0.8, min: 0, doc: "below this share of its history a turn collapses" },
    high: { kind: "number", default: 1.2, min: 0, doc: "above this share of its history a turn is chaotic" },
    patience: {
      kind: "number",
      whole: true,
      default: 2,
      min: 1,
      doc: "train steps in a row outside the band that raise the alarm",
    },
  },
  presets: { default: {} },
  measure(params) {
    const histories: number[][] = [];
    const outside: number[] = [];
    return {
      batch(batch) {
        const entropy = entropiesByTurn(batch);
        if (entropy.length === 0)
          return [{ scope: scopeOf(batch), value: NaN, evidence: {}, missing: ["token.entropy"] }];
        return [measureTurns(batch, entropy, { ...params, histories, outside })];
      },
      end: () => [],
    };
  },
});

interface Watch {
  readonly low: number;
  readonly high: number;
  readonly patience: number;
  readonly histories: number[][];
  /** Train steps in a row that each turn has been outside its band. */
  readonly outside: number[];
}

function measureTurns(batch: MeasuredBatch, entropy: readonly number[], watch: Watch): Measurement {
  const { low, high, patience, histories, outside } = watch;
  const turns = entropy.map((value, k): { readonly [key: string]: Plain } => {
    const history = meanOf((histories[k] ??= []));
    const band = bandOf(value, history, low, high);
    outside[k] = band === "within" ? 0 : (outside[k] ?? 0) + 1;
    histories[k].push(value);
    return { turn: k, entropy: value, history, band, steps: outside[k] };
  });
  const alarm = outside.some((steps) => steps >= patience);
  return { scope: scopeOf(batch), value: cascadeGap(entropy), evidence: { turns, low, high }, alarm };
}

/** Mean entropy of the trained tokens of the k-th trained turn, over the rollouts of a batch; empty = not logged. */
function entropiesByTurn({ members }: MeasuredBatch): readonly number[] {
  const byTurn: number[][] = [];
  for (const { trajectory } of members) {
    trajectory.turns
      .filter(({ trainable }) => trainable)
      .forEach(({ tokens }, k) => {
        const column = tokens?.columns.get("entropy");
        const own = (byTurn[k] ??= []);
        column?.forEach((x, t) => {
          if (tokens?.mask[t] === 1 && !Number.isNaN(x)) own.push(x);
        });
      });
  }
  return byTurn.some((own) => own.length > 0) ? byTurn.map((own) => meanOf(own)) : [];
}
