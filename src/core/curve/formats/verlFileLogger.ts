import { isRecord } from "../../format/isRecord.ts";
import type { CurveFormat } from "../curveFormat.ts";
import { flatMetrics, readMetricLines, stepOf } from "../metricLines.ts";
import { jsonLinesNames } from "../jsonLinesNames.ts";

/**
 * verl's `file` logger (verl/utils/tracking.py): `{"step": n, "data": {name: number}}` a line. Its JSON writer puts NaN
 * and the infinities down as null, so null is a point without a number. A step may stand on several lines.
 */
export const verlFileLogger: CurveFormat<"verlFileLogger"> = {
  id: "verlFileLogger",
  label: "verl file logger",
  doc: 'Metrics of `trainer.logger=["file"]`: `{"step": n, "data": {…}}` a line; null is a value that was not finite.',
  written: "verl 0.4 to 0.9 (main at 1dda039b9, 2026-08-22), rLLM (main at 9beb6e0f, 2026-08-15)",
  lacks: "wall times, which values were NaN and which infinite",
  ...jsonLinesNames,
  continues: false,
  sniff({ firstRecord, layout }) {
    if (layout !== "lines" || firstRecord === null || stepOf(firstRecord["step"]) === undefined) return false;
    const { data } = firstRecord;
    return (
      isRecord(data) && (Object.keys(data).length === 0 || !flatMetrics(data, { nullValue: NaN }).next().done)
    );
  },
  read: (source, _, options) =>
    readMetricLines(source, options, (record, report) => {
      const step = stepOf(record["step"]);
      const { data } = record;
      if (step !== undefined && isRecord(data))
        return { step, run: null, wallTime: NaN, metrics: flatMetrics(data, { nullValue: NaN }) };
      report("bad-field", "This line is left out: it has no whole number `step` beside an object `data`.");
      return null;
    }),
};
