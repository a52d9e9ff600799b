import type { CurveFormat } from "../curveFormat.ts";
import { jsonLinesNames } from "../jsonLinesNames.ts";
import { flatMetrics, readMetricLines, stepOf } from "../metricLines.ts";
import { toNumber } from "../../format/fields.ts";

/** What tells a trial of Ray Tune from other logs that count iterations. */
const trialNames = [
  "trial_id",
  "time_total_s",
  "time_this_iter_s",
  "timesteps_total",
  "num_env_steps_sampled_lifetime",
] as const;

/** What says where and how a trial ran, and is no metric. */
const notMetrics: ReadonlySet<string> = new Set(["config", "timestamp", "pid", "training_iteration"]);

/**
 * Results of RLlib and of anything under Ray Tune (ray/tune/logger/json.py): JSON Lines in spite of the file's name, a
 * training iteration a line. The config that each line repeats is no metric.
 */
export const rllib: CurveFormat<"rllib"> = {
  id: "rllib",
  label: "RLlib",
  doc: "`result.json` of a trial (JSON Lines): nested names join with `/`; the steps are training iterations.",
  written: "Ray 2.58",
  lacks: "train steps (the steps are iterations)",
  ...jsonLinesNames,
  continues: false,
  sniff: ({ firstRecord, layout }) =>
    layout === "lines" &&
    firstRecord !== null &&
    stepOf(firstRecord["training_iteration"]) !== undefined &&
    trialNames.some((name) => Object.hasOwn(firstRecord, name)),
  read: (source, _, options) =>
    readMetricLines(source, options, (record, report) => {
      const step = stepOf(record["training_iteration"]);
      if (step === undefined) {
        report("bad-field", "This line is left out: it has no training_iteration that is a whole number.");
        return null;
      }
      const metrics = Object.fromEntries(Object.entries(record).filter(([name]) => !notMetrics.has(name)));
      return {
        step,
        run: null,
        wallTime: toNumber(record["timestamp"]) ?? NaN,
        metrics: flatMetrics(metrics, { isTyped: true }),
      };
    }),
};
