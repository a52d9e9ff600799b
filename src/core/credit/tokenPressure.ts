import type { BatchCredit } from "./batchCredit.ts";
import type { SignalId } from "./columns.ts";
import type { LaneInfo } from "./method.ts";
import { type PressureLane, pressureLanes, type PressureParams } from "./pressureSettings.ts";
import { estimateKl } from "./primitives/kl.ts";
import { lossWeights } from "./primitives/lossWeight.ts";
import type { Row } from "./row.ts";

export type TurnPressure = Readonly<Record<PressureLane, Float64Array>>;

/** Token pressure of a batch by one method. */
export interface BatchPressure {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lanes: Readonly<Record<PressureLane, LaneInfo>>;
  /** Signals member `r` lacks; its lanes that need them are NaN. */
  missing(r: number): readonly SignalId[];
  /** A lane over all positions of member `r`; empty without tokens. */
  lane(r: number, name: PressureLane): Float64Array;
  /** The same by turn and token; null for a turn without tokens, and for all where the rollout has none. */
  turns(r: number): readonly (TurnPressure | null)[];
}

export class TokenPressure implements BatchPressure {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lanes = pressureLanes;
  readonly #rows: readonly Row[];
  readonly #missing: SignalId[][];
  /** Length R + 1; a rollout that the method left out, or that has no tokens, has no positions. */
  readonly #positions: Int32Array;
  readonly #values: Readonly<Record<PressureLane, Float64Array>>;

  constructor(rows: readonly Row[], run: BatchCredit, params: PressureParams, preset: string) {
    this.method = run.method;
    this.params = { preset, ...params };
    this.#rows = rows;
    this.#missing = rows.map(({ tokenSource }, r) => {
      const credit = run.credit(r);
      const lacking = credit.status === "unavailable" ? credit.missing : [];
      return tokenSource === "none" && !lacking.includes("token.mask")
        ? [...lacking, "token.mask"]
        : [...lacking];
    });
    this.#positions = new Int32Array(rows.length + 1);
    rows.forEach(({ positions: { n } }, r) => {
      this.#positions[r + 1] = this.#positions[r]! + (this.#missing[r]!.length > 0 ? 0 : n);
    });
    const lane = (): Float64Array => new Float64Array(this.#positions.at(-1)!).fill(NaN);
    this.#values = {
      advantage: lane(),
      lossWeight: lane(),
      pressure: lane(),
      kl: lane(),
      klGradient: lane(),
      klPressure: lane(),
    };
    this.#ofPolicy(run, params);
    this.#ofReference(params);
  }

  missing(r: number): readonly SignalId[] {
    return this.#missing[r]!;
  }

  lane(r: number, name: PressureLane): Float64Array {
    return this.#values[name].subarray(this.#positions[r], this.#positions[r + 1]);
  }

  turns(r: number): readonly (TurnPressure | null)[] {
    const { trajectory, positions } = this.#rows[r]!;
    const from = this.#positions[r]!;
    const known = this.#positions[r + 1]! > from;
    return trajectory.turns.map(({ tokens }, i) => {
      if (tokens === null || !known) return null;
      const ofTurn = (values: Float64Array): Float64Array => {
        const out = new Float64Array(tokens.n).fill(NaN);
        for (let p = positions.first[i]!; p < positions.first[i + 1]!; p++)
          out[positions.token[p]!] = values[from + p]!;
        return out;
      };
      const { advantage, lossWeight, pressure, kl, klGradient, klPressure } = this.#values;
      return {
        advantage: ofTurn(advantage),
        lossWeight: ofTurn(lossWeight),
        pressure: ofTurn(pressure),
        kl: ofTurn(kl),
        klGradient: ofTurn(klGradient),
        klPressure: ofTurn(klPressure),
      };
    });
  }

  #ofPolicy(run: BatchCredit, params: PressureParams): void {
    const { advantage, lossWeight, pressure } = this.#values;
    const mask = new Uint8Array(advantage.length);
    this.#rows.forEach(({ positions }, r) => {
      const from = this.#positions[r]!;
      if (this.#positions[r + 1] === from) return;
      mask.set(positions.mask, from);
      const credit = run.credit(r);
      if (credit.status !== "ok") return;
      for (let p = 0; p < positions.n; p++)
        advantage[from + p] = credit.turns[positions.turn[p]!]?.tokens?.[positions.token[p]!] ?? NaN;
    });
    lossWeights({ nRollouts: this.#rows.length, positions: this.#positions, mask }, params, lossWeight);
    for (let t = 0; t < mask.length; t++) {
      if (mask[t] === 0) lossWeight[t] = NaN;
      pressure[t] = lossWeight[t]! * advantage[t]!;
    }
  }

  #ofReference(params: PressureParams): void {
    if (params.kl === "none") return;
    const { lossWeight, klGradient, klPressure } = this.#values;
    this.#rows.forEach((row, r) => {
      const [from, to] = [this.#positions[r]!, this.#positions[r + 1]!];
      if (from === to) return;
      const out = { kl: this.lane(r, "kl"), slope: this.lane(r, "klGradient") };
      this.#missing[r]!.push(...divergence(row, params, out));
      for (let t = from; t < to; t++) {
        if (row.positions.mask[t - from] === 0) out.kl[t - from] = klGradient[t] = NaN;
        klPressure[t] = -lossWeight[t]! * params.beta * klGradient[t]!;
      }
    });
  }
}

/** Writes a row's KL estimate and its slope; returns the signals that are missing for that. */
function divergence(
  row: Row,
  params: PressureParams,
  out: { readonly kl: Float64Array; readonly slope: Float64Array },
): readonly SignalId[] {
  if (params.kl === "full") {
    const logged = row.column("kl");
    if (logged === null) return ["token.kl"];
    out.kl.set(logged);
    return [];
  }
  const logprob = policyLogprobs(row, params);
  const refLogprob = row.sourcedTokens("ref_logprobs", params.source)?.values ?? null;
  const missing: SignalId[] = [];
  if (logprob === null)
    missing.push(params.policy === "old_logprobs" ? "token.old_logprobs" : "token.logprobs");
  if (refLogprob === null) missing.push("token.ref_logprobs");
  if (logprob === null || refLogprob === null) return missing;
  if (params.kl !== "none")
    estimateKl({ logprob, refLogprob }, { estimator: params.kl, clamp: params.klClamp }, out);
  return missing;
}

function policyLogprobs(row: Row, { policy, source }: PressureParams): Float64Array | null {
  const read = (name: string): Float64Array | null => row.sourcedTokens(name, source)?.values ?? null;
  if (policy !== "auto") return read(policy);
  return read("old_logprobs") ?? read("logprobs");
}
