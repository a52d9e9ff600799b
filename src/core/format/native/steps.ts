import type { IssueCode } from "../../rollout/issue.ts";
import type { StepSpans } from "../../rollout/stepSpans.ts";
import { isRecord } from "../isRecord.ts";

interface StepPlace {
  readonly content: string;
  readonly where: string;
  report(code: IssueCode, message: string): void;
}

/** Steps of a turn; one that is no ordered span of the content is left out and reported. */
export function readSteps(values: readonly unknown[], place: StepPlace): StepSpans {
  const kept: Readonly<Record<string, unknown>>[] = [];
  let previous = 0;
  values.forEach((value, k) => {
    const { start, end } = isRecord(value) ? value : {};
    const fits =
      typeof start === "number" &&
      typeof end === "number" &&
      Number.isInteger(start) &&
      Number.isInteger(end);
    if (fits && start >= previous && end >= start && end <= place.content.length) {
      kept.push(value as Readonly<Record<string, unknown>>);
      previous = end;
    } else
      place.report(
        "bad-field",
        `${place.where}[${k}] is no span after the step before it; the step is left out.`,
      );
  });
  const n = kept.length;
  const columns = new Map<string, Float64Array>();
  const extra = new Map<string, unknown[]>();
  kept.forEach((step, k) => {
    for (const [name, value] of Object.entries(step)) {
      if (name === "start" || name === "end") continue;
      if (typeof value === "number" || value === null) column(columns, name, n)[k] = value ?? NaN;
      else {
        if (isKnown(name))
          place.report(
            "bad-field",
            `${place.where}[${k}].${name} is not a number; it is kept, but not used.`,
          );
        entries(extra, name, n)[k] = value;
      }
    }
  });
  return {
    n,
    start: Int32Array.from(kept, (step) => step["start"] as number),
    end: Int32Array.from(kept, (step) => step["end"] as number),
    source: "logged",
    columns,
    extra,
  };
}

function isKnown(name: string): boolean {
  return name === "reward" || name === "value" || name === "label";
}

function column(columns: Map<string, Float64Array>, name: string, n: number): Float64Array {
  let found = columns.get(name);
  if (found === undefined) columns.set(name, (found = new Float64Array(n).fill(NaN)));
  return found;
}

function entries(extra: Map<string, unknown[]>, name: string, n: number): unknown[] {
  let found = extra.get(name);
  if (found === undefined) extra.set(name, (found = Array.from({ length: n })));
  return found;
}
