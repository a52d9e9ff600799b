import { positionAt } from "../rollout/positions.ts";
import type { StepSpans } from "../rollout/stepSpans.ts";
import type { Turn } from "../rollout/trajectory.ts";
import { type Assembled, assemble } from "./assemble.ts";
import { broadcast } from "./broadcast.ts";
import { columnInfo, infoOf, type Level, type SignalId } from "./columns.ts";
import type { Credit, CreditFlag, TurnCredit } from "./credit.ts";
import type { BatchCredit, ExplainedLine, Place } from "./batchCredit.ts";
import { columnsOf, missingSignals, sourceOf } from "./missing.ts";
import { type GroupFacts, flagsOf, groupFacts } from "./flags.ts";
import { explainLine } from "./formula.ts";
import type { LaneInfo, LaneLevel } from "./method.ts";
import type { ParameterValue } from "./parameter.ts";
import type { AnyCreditMethod } from "./registry.ts";
import type { Row } from "./row.ts";

interface RunInput {
  readonly rows: readonly Row[];
  readonly groups: readonly (string | null)[];
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly stepsOf: (turn: Turn) => StepSpans;
}

/** One method run over a batch: computed at construction, asked for credits, lanes and formulas afterwards. */
export class MethodRun implements BatchCredit {
  readonly method: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly #method: AnyCreditMethod;
  readonly #input: RunInput;
  readonly #missing: readonly (readonly SignalId[])[];
  /** Index of each row in what the method saw, −1 where it was left out. */
  readonly #seen: Int32Array;
  readonly #facts: GroupFacts;
  readonly #assembled: Assembled;
  readonly #infos: Record<string, LaneInfo>;
  readonly #lanes: Record<string, Float64Array>;
  /** What the method warned of, for all rollouts it saw. */
  readonly #warnings = new Set<CreditFlag>();
  readonly #credits: (Credit | undefined)[];

  constructor(method: AnyCreditMethod, input: RunInput) {
    const { rows, groups, params, values } = input;
    this.method = method.id;
    this.params = params;
    this.#method = method;
    this.#input = input;
    this.#missing = rows.map((row) => missingSignals(method, row, values));
    const complete = rows.map((_, r) => r).filter((r) => this.#missing[r]!.length === 0);
    this.#seen = new Int32Array(rows.length).fill(-1);
    complete.forEach((r, i) => (this.#seen[r] = i));
    const columns = columnsOf(method, values);
    const kept = complete.map((r) => rows[r]!);
    const keys = complete.map((r) => groups[r]!);
    const optional = (method.uses ?? []).filter((name) => infoOf(name).level === "trajectory");
    this.#assembled = assemble(kept, keys, new Set([...columns, ...optional]), sourceOf(values));
    this.#facts = groupFacts(rows, groups, this.#seen);
    this.#infos = {
      credit: { level: method.level, doc: "credit" },
      ...method.lanes,
    };
    this.#lanes = Object.fromEntries(
      Object.entries(this.#infos).map(([name, info]) => [name, this.#allocate(info)]),
    );
    const add = (name: string, info: LaneInfo): Float64Array => {
      this.#infos[name] = info;
      return (this.#lanes[name] = this.#allocate(info));
    };
    const warn = (flag: CreditFlag): void => void this.#warnings.add(flag);
    const unasked = Object.fromEntries((method.uses ?? []).map((name) => [name, null]));
    const columnsRead = { ...unasked, ...this.#assembled.columns };
    method.run(
      { ...columnsRead, ...this.#assembled.input } as never,
      values as never,
      { ...this.#lanes, add, warn } as never,
    );
    this.#credits = rows.map(() => undefined);
  }

  credit(r: number): Credit {
    return (this.#credits[r] ??= this.#creditOf(r));
  }

  get lanes(): Readonly<Record<string, LaneInfo>> {
    return this.#infos;
  }

  lane(r: number, name: string): Float64Array {
    const i = this.#seen[r]!;
    const lane = this.#lanes[name];
    if (lane === undefined) throw new Error(`${this.method} has no lane "${name}"`);
    const { positions, turns, steps } = this.#assembled.input;
    switch (this.#levelOf(name)) {
      case "batch":
        return lane;
      case "trajectory":
        return lane.subarray(i, i + 1);
      case "turn":
        return lane.subarray(turns[i], turns[i + 1]);
      case "step":
        return lane.subarray(steps[i], steps[i + 1]);
      case "token":
        return lane.subarray(positions[i], positions[i + 1]);
    }
  }

  magnitudes(lane = "credit"): Float64Array {
    const { mask } = this.#assembled.input;
    const byToken = this.#levelOf(lane) === "token";
    return this.#lanes
      [lane]!.filter((x, t) => Number.isFinite(x) && (!byToken || mask[t] === 1))
      .map(Math.abs);
  }

  spread(r: number, name: string): { readonly level: Level; readonly turns: readonly TurnCredit[] } | null {
    const level = this.#levelOf(name);
    const i = this.#seen[r]!;
    if (i < 0 || level === "batch") return null;
    const { rows, stepsOf } = this.#input;
    const lane = this.lane(r, name);
    const { turns } = broadcast(rows[r]!, { level, lane, read: this.#assembled.steps[i]!, stepsOf });
    return { level, turns };
  }

  explain(r: number, place: Place): readonly ExplainedLine[] {
    const i = this.#seen[r]!;
    if (i < 0) return [];
    const at = this.#indices(i, r, place);
    if (at === null) return [];
    const lookup = (name: string): number => {
      const value = this.#input.values[name];
      const lane = this.#lanes[name];
      if (lane === undefined) return typeof value === "number" ? value : NaN;
      return lane[at[this.#levelOf(name)]]!;
    };
    return this.#method.formula(this.#input.values as never).map((line) => explainLine(line, lookup));
  }

  /** Where each level of lane is read for a place; null where the method's own level has nothing there. */
  #indices(i: number, r: number, place: Place): Readonly<Record<LaneLevel, number>> | null {
    const row = this.#input.rows[r]!;
    const { trajectory } = row;
    const { positions, turns, steps } = this.#assembled.input;
    const turn = trajectory.turns[place.turn];
    if (turn === undefined) return null;
    const trained = place.token === null ? turn.trainable : turn.tokens?.mask[place.token] === 1;
    if (!trained) return null;
    const position = place.token === null ? -1 : positionAt(row.positions, place.turn, place.token);
    const step = this.#assembled.steps[i]!.findIndex(
      (read) => read.turn === place.turn && read.step === place.step,
    );
    const own = row.policyTurns.indexOf(place.turn);
    const { level } = this.#method;
    if ((level === "token" && position < 0) || (level === "step" && step < 0)) return null;
    if (level === "turn" && own < 0) return null;
    return {
      batch: 0,
      trajectory: i,
      turn: turns[i]! + own,
      step: steps[i]! + step,
      token: positions[i]! + position,
    };
  }

  #levelOf(name: string): LaneLevel {
    return this.#infos[name]!.level;
  }

  #allocate({ level }: LaneInfo): Float64Array {
    const { nRollouts, mask, stepEnd, turnFrom } = this.#assembled.input;
    const length = {
      batch: 1,
      trajectory: nRollouts,
      turn: turnFrom.length,
      step: stepEnd.length,
      token: mask.length,
    };
    return new Float64Array(length[level]).fill(NaN);
  }

  #creditOf(r: number): Credit {
    const { rows, stepsOf, values } = this.#input;
    const missing = this.#missing[r]!;
    const { method, params } = this;
    if (missing.length > 0)
      return { status: "unavailable", method, params, missing, reason: reasonOf(this.#method, missing) };
    const row = rows[r]!;
    const i = this.#seen[r]!;
    const { level } = this.#method;
    const lane = this.lane(r, "credit");
    const { turns, complete } = broadcast(row, { level, lane, read: this.#assembled.steps[i]!, stepsOf });
    const bootstrap = values["bootstrap"] === true;
    const columns = columnsOf(this.#method, values);
    const compares = this.#method.comparesGroup && values["baseline"] !== "none";
    const facts = { ...this.#facts.of(r), columns, compares, source: sourceOf(values), complete, bootstrap };
    const flags = [...flagsOf(row, facts), ...this.#warnings];
    const whole = level === "trajectory" ? { credit: lane[0]! } : {};
    return { status: "ok", method, params, level, ...whole, turns, flags };
  }
}

function reasonOf(method: AnyCreditMethod, missing: readonly SignalId[]): string {
  const words = missing.map((signal) => {
    const doc = Object.values(columnInfo).find((info) => info.signal === signal)?.doc ?? infoOf(signal).doc;
    return `${signal} (${doc})`;
  });
  return `${method.label} needs ${words.join(", and ")}; this log has none for this rollout.`;
}
