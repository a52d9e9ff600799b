import type { Issue } from "../rollout/issue.ts";
import { GrowingColumn } from "../stats/growingColumn.ts";
import type { CurveContent, CurveOptions, LoggedSeries } from "./curveFormat.ts";

/** Where a point was logged: line from 1 (0 in a binary file), byte of its line or record. */
export interface PointPlace {
  readonly line: number;
  readonly byte: number;
}

/** One logged number with what stands beside it. */
export interface LoggedPoint {
  readonly step: number;
  readonly value: number;
  /** Seconds since the epoch; NaN = not logged. */
  readonly wallTime: number;
}

/** Issues of a file that are kept unless more are asked for. */
const keptIssues = 500;

/** Collects the points of a curve file by run and name, in file order, and its damage. */
export class SeriesTable {
  readonly #runs = new Map<string | null, Map<string, OpenSeries>>();
  readonly #inOrder: OpenSeries[] = [];
  readonly #issues: Issue[] = [];
  readonly #mostIssues: number;
  #issueCount = 0;

  constructor({ mostIssues = keptIssues }: CurveOptions) {
    this.#mostIssues = mostIssues;
  }

  /** @param run its name or, where `done` gets the names, its id; null where the file names none */
  add(run: string | null, name: string, point: LoggedPoint, place: PointPlace): void {
    let names = this.#runs.get(run);
    if (names === undefined) this.#runs.set(run, (names = new Map()));
    let series = names.get(name);
    if (series === undefined) {
      names.set(name, (series = new OpenSeries(run, name)));
      this.#inOrder.push(series);
    }
    series.push(point, place);
  }

  /** Points of a series that stand at or behind a step. */
  countFrom(step: number): number {
    return this.#inOrder.reduce((count, series) => count + series.countFrom(step), 0);
  }

  report(issue: Issue): void {
    this.#issueCount++;
    if (this.#issues.length < this.#mostIssues) this.#issues.push(issue);
  }

  /** @param names of runs that were added by their ids */
  done(names: ReadonlyMap<string, string> = new Map()): CurveContent {
    return {
      series: this.#inOrder.map((series) => series.done(names)),
      issues: this.#issues,
      issueCount: this.#issueCount,
    };
  }
}

class OpenSeries {
  readonly #run: string | null;
  readonly #name: string;
  readonly #steps = new GrowingColumn(16);
  readonly #values = new GrowingColumn(16);
  readonly #wallTimes = new GrowingColumn(16);
  #isTimed = false;
  #nonFinite = 0;
  #firstNonFinite: PointPlace | null = null;

  constructor(run: string | null, name: string) {
    this.#run = run;
    this.#name = name;
  }

  push({ step, value, wallTime }: LoggedPoint, place: PointPlace): void {
    this.#steps.push(step);
    this.#values.push(value);
    this.#wallTimes.push(wallTime);
    this.#isTimed ||= !Number.isNaN(wallTime);
    if (Number.isFinite(value)) return;
    this.#nonFinite++;
    this.#firstNonFinite ??= place;
  }

  countFrom(step: number): number {
    let count = 0;
    for (let i = 0; i < this.#steps.length; i++) if (this.#steps.at(i) >= step) count++;
    return count;
  }

  done(names: ReadonlyMap<string, string>): LoggedSeries {
    const runName = this.#run === null ? undefined : names.get(this.#run);
    return {
      run: runName ?? this.#run,
      runId: runName === undefined ? null : this.#run,
      name: this.#name,
      steps: this.#steps.take(),
      values: this.#values.take(),
      wallTimes: this.#isTimed ? this.#wallTimes.take() : null,
      issues: this.#firstNonFinite === null ? [] : [this.#nonFiniteIssue(this.#firstNonFinite)],
    };
  }

  #nonFiniteIssue({ line, byte }: PointPlace): Issue {
    const name = this.#name.length > 80 ? `${this.#name.slice(0, 79)}…` : this.#name;
    const message = `${this.#nonFinite} of ${this.#values.length} values of ${JSON.stringify(name)} are NaN or infinite; this is the first.`;
    return { code: "non-finite", line, byte, message };
  }
}
