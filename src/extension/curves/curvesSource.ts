import { basename } from "node:path";
import { mergeSame } from "../../core/curve/mergeSame.ts";
import { sameRuns } from "../../core/curve/sameRun.ts";
import type { Curves, CurveSeries, FileIssues } from "../../protocol/store.ts";
import { UserError } from "../../protocol/userError.ts";
import {
  type CurveHead,
  type CurveRun,
  type CurvesOverview,
  mostBytes,
  type PointsPiece,
  type PointsRequest,
} from "../../protocol/webview.ts";
import type { Session } from "../session.ts";
import { pointsStamp } from "./pointsStamp.ts";

interface Listed {
  readonly runs: readonly { readonly key: string; readonly root: string; readonly run: string }[];
  readonly heads: readonly Omit<CurveHead, "id">[];
  readonly series: readonly CurveSeries[];
  readonly issues: readonly FileIssues[];
}

/** The curves of the open runs as the panel asks for them: an overview first, then points in pieces. */
export class CurvesSource {
  readonly #session: Session;
  readonly #listed = new Map<string, Promise<Listed>>();
  #version = 0;
  #series: readonly CurveSeries[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  /** A root's files changed: its curves are read again when they are asked for. */
  forget(root: string): void {
    this.#listed.delete(root);
  }

  async overview(): Promise<CurvesOverview> {
    const { roots } = this.#session;
    const answers = await Promise.all(roots.map((root) => this.#tryList(root)));
    const lists = answers.flatMap(({ listed }) => (listed === null ? [] : [listed]));
    this.#series = lists.flatMap(({ series }) => series);
    this.#version++;
    return {
      version: this.#version,
      roots,
      runs: labelled(lists.flatMap(({ runs }) => runs)),
      heads: lists.flatMap(({ heads }) => heads).map((head, id) => ({ ...head, id })),
      issues: lists.flatMap(({ issues }) => issues),
      failures: answers.flatMap(({ root, message }) => (message === null ? [] : [{ root, message }])),
    };
  }

  /** @throws UserError `curves/stale` when the overview was asked for again since */
  points(version: number, requests: readonly PointsRequest[]): readonly PointsPiece[] {
    if (version !== this.#version) throw new UserError("curves/stale", "The curves were read again.");
    const pieces: PointsPiece[] = [];
    let room = Math.floor(mostBytes / 16);
    for (const { id, from } of requests) {
      const series = this.#series[id];
      if (series === undefined || room <= 0) continue;
      const to = Math.min(series.steps.length, from + room);
      room -= Math.max(1, to - from);
      // Sliced: a view would take its whole buffer along.
      pieces.push({ id, from, steps: series.steps.slice(from, to), values: series.values.slice(from, to) });
    }
    return pieces;
  }

  async #tryList(root: string): Promise<{ root: string; listed: Listed | null; message: string | null }> {
    let listed = this.#listed.get(root);
    if (listed === undefined) {
      listed = this.#session
        .open(root)
        .then(() => this.#session.store.curves(root))
        .then((curves) => list(root, curves));
      this.#listed.set(root, listed);
    }
    try {
      return { root, listed: await listed, message: null };
    } catch (error) {
      this.#listed.delete(root);
      if (!(error instanceof UserError)) throw error;
      return { root, listed: null, message: error.message };
    }
  }
}

function list(root: string, { series, issues }: Curves): Listed {
  const drawn = series.filter(({ steps }) => steps.length > 0);
  const first = sameRuns(drawn);
  const merged = mergeSame(drawn.map((one) => ({ ...one, run: first.get(one.run)! })));
  const runs = [...new Set(merged.map(({ series: { run } }) => run))];
  const keyOf = (run: string): string => JSON.stringify([root, run]);
  return {
    runs: runs.map((run) => ({ key: keyOf(run), root, run })),
    heads: merged.map(({ series: { run, name, steps, values }, files }) => ({
      run: keyOf(run),
      name,
      files,
      length: steps.length,
      low: steps.reduce((least, step) => Math.min(least, step), Infinity),
      high: steps.reduce((most, step) => Math.max(most, step), -Infinity),
      stamp: pointsStamp(steps, values),
    })),
    series: merged.map((entry) => entry.series),
    issues: issues.filter(({ total }) => total > 0),
  };
}

/** Runs under their names; where two bear the same, each with the file or folder it was opened from. */
function labelled(runs: Listed["runs"]): readonly CurveRun[] {
  const short = (name: string): string => (/[\\/]/.test(name) ? basename(name) || name : name);
  const names = runs.map(({ run }) => short(run));
  return runs.map((entry, i) => {
    const isAlone = names.filter((name) => name === names[i]).length === 1;
    return { ...entry, label: isAlone ? names[i]! : `${names[i]} (${entry.root})` };
  });
}
