import { isRecord } from "../../format/isRecord.ts";
import type { CurveFormat } from "../curveFormat.ts";
import { flatMetrics, readMetricLines, stepOf } from "../metricLines.ts";
import { jsonLinesNames } from "../jsonLinesNames.ts";
import { rolloutNames, stepNames, timeNames, wallSeconds } from "../metricNames.ts";

type JsonRecord = Readonly<Record<string, unknown>>;

/** W&B keeps the last value of each metric beside its log: a single point of what the log has whole. */
const summaryName = /(?:^|\/)wandb-summary\.json$/;

/** Longer than a name: someone's words. */
const longestName = 500;

/** The fallback: one JSON object a line with a step and numbers, as prime-rl, Tinker and many own loggers write it. */
export const metricsJsonl: CurveFormat<"metricsJsonl"> = {
  id: "metricsJsonl",
  label: "Metrics as JSON Lines",
  doc: `Any JSON Lines with a step (\`${stepNames.join("`, `")}\`) and numbers; nested names join with \`/\`, \`run\` names the run.`,
  written:
    "prime-rl (main at 559b44772, 2026-08-21), Tinker cookbook (main at 9dfcc3a2, 2026-08-19), own loggers",
  lacks: "what a run is called, where no line says it",
  ...jsonLinesNames,
  continues: false,
  sniff: ({ firstRecord, layout, path }) =>
    layout === "lines" && firstRecord !== null && looksLikeMetrics(firstRecord) && !summaryName.test(path),
  read: (source, _, options) =>
    readMetricLines(source, options, (record, report) => {
      const stepName = stepNameOf(record);
      if (stepName === undefined) {
        report("bad-field", "This line is left out: it has no step that is a whole number.");
        return null;
      }
      const { wallTime, timeName } = wallTimeOf(record);
      const { [stepName]: step, run, ...rest } = metricsOf(record, timeName);
      return { step: stepOf(step)!, run: nameOf(run), wallTime, metrics: flatMetrics(rest) };
    }),
};

function stepNameOf(record: JsonRecord): (typeof stepNames)[number] | undefined {
  return stepNames.find((name) => Object.hasOwn(record, name) && stepOf(record[name]) !== undefined);
}

/** No fewer numbers than words, and none of the fields that only rollouts have. */
function looksLikeMetrics(record: JsonRecord): boolean {
  const stepName = stepNameOf(record);
  if (stepName === undefined || rolloutNames.some((name) => Object.hasOwn(record, name))) return false;
  const { [stepName]: _step, run: _run, ...rest } = metricsOf(record, wallTimeOf(record).timeName);
  let numbers = 0;
  for (const _ of flatMetrics(rest)) numbers++;
  const words = Object.values(rest).filter((value) => typeof value === "string");
  const records = Object.values(rest).filter((value) => Array.isArray(value) && value.some(isRecord));
  return (
    numbers > 0 &&
    numbers >= words.length &&
    records.length === 0 &&
    words.every(({ length }) => length <= longestName)
  );
}

/** Without the time, and without what Ray and W&B repeat in each line. */
function metricsOf(record: JsonRecord, timeName: string | null): Record<string, unknown> {
  const { config: _config, _runtime, ...rest }: Record<string, unknown> = record;
  if (timeName !== null) delete rest[timeName];
  return rest;
}

function wallTimeOf(record: JsonRecord): { readonly wallTime: number; readonly timeName: string | null } {
  for (const timeName of timeNames) {
    const wallTime = Object.hasOwn(record, timeName) ? wallSeconds(timeName, record[timeName]) : NaN;
    if (Number.isFinite(wallTime)) return { wallTime, timeName };
  }
  return { wallTime: NaN, timeName: null };
}

function nameOf(run: unknown): string | null {
  return typeof run === "string" ? run : typeof run === "number" ? String(run) : null;
}
