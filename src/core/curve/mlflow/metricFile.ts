import { byteLines } from "../../format/byteLines.ts";
import { toNumber } from "../../format/fields.ts";
import type { ByteSource } from "../../format/format.ts";
import type { IssueCode } from "../../rollout/issue.ts";
import type { LoggedPoint } from "../seriesTable.ts";
import { stepOf } from "../metricLines.ts";

/**
 * Points of one metric of MLflow's file store: a line `<milliseconds> <value> <step>` each; very old files have no
 * step, which is 0 then. A line without its end may lack digits: it waits.
 */
export async function* metricPoints(
  source: ByteSource,
  report: (code: IssueCode, message: string) => void,
): AsyncGenerator<LoggedPoint> {
  for await (const { bytes, line, last, tooLong } of byteLines(source)) {
    if (last && bytes.at(-1) !== newline) {
      report("torn-line", `line ${line} is not complete (the file may still be written); it is left out`);
      continue;
    }
    const point = tooLong || bytes.length > longestLine ? null : pointOf(new TextDecoder().decode(bytes));
    if (point === "blank") continue;
    if (point === null) report("bad-field", `line ${line} is no time, value and step; it is left out`);
    else yield point;
  }
}

const newline = 0x0a;
/** Longer than any line of numbers. */
const longestLine = 1000;

function pointOf(line: string): LoggedPoint | "blank" | null {
  const [milliseconds = "", value, step = "0"] = line.trim().split(/\s+/);
  if (milliseconds === "") return "blank";
  const numbers = { time: toNumber(milliseconds), value: toNumber(value), step: stepOf(step) };
  if (numbers.time === undefined || numbers.value === undefined || numbers.step === undefined) return null;
  return { step: numbers.step, value: numbers.value, wallTime: numbers.time / 1000 };
}
