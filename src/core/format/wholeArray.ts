import type { Issue } from "../rollout/issue.ts";
import { collectSignals, summarize } from "../rollout/summary.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { ByteSource, Format, RecordLocator, ScannedRecord } from "./format.ts";
import { jsonElements } from "./jsonElements.ts";
import { parseLine, type RecordPlace } from "./jsonLines.ts";

type Json = Readonly<Record<string, unknown>>;

/** A file that is one array whose elements (messages, events) together are one rollout. */
interface WholeArray {
  /** True when an array that begins with this element is surely such a one. */
  matches(first: Json): boolean;
  read(elements: readonly Json[], place: RecordPlace): readonly Trajectory[];
}

/**
 * Adds to a format of JSON records the files whose array is one rollout. An element that is damaged or cut off is left
 * out and named; the others are read.
 */
export function withWholeArray<Id extends string>(format: Format<Id>, whole: WholeArray): Format<Id> {
  return {
    ...format,
    sniff: (head) =>
      (head.layout === "array" && head.firstRecord !== null && whole.matches(head.firstRecord)) ||
      format.sniff(head),
    async *scan(source, file, options) {
      const record = await readWhole(whole, source, file.path);
      if (record === null) yield* format.scan(source, file, options);
      else yield record;
    },
    async *index(source, file, options, names) {
      const record = await readWhole(whole, source, file.path);
      if (record === null) {
        yield* format.index!(source, file, options, names);
        return;
      }
      const { locator, trajectories, issues } = record;
      for (const trajectory of trajectories) collectSignals(trajectory, names);
      yield [{ locator, summaries: trajectories.map((one) => summarize(one)), issues }];
    },
    async load(source, file, locators) {
      const record = await readWhole(whole, source, file.path);
      return record === null ? format.load(source, file, locators) : locators.map(() => record);
    },
  };
}

/** Null where the file is not such an array. */
async function readWhole(whole: WholeArray, source: ByteSource, path: string): Promise<ScannedRecord | null> {
  const issues: Issue[] = [];
  const elements: Json[] = [];
  let isWhole = false;
  if (!(await beginsAsArray(source))) return null;
  for await (const element of jsonElements(source)) {
    const parsed = parseLine(element, (code, message) =>
      issues.push({ code, line: element.line, byte: element.from, message }),
    );
    if (parsed === null) continue;
    isWhole ||= whole.matches(parsed.record);
    if (!isWhole) return null;
    elements.push(parsed.record);
    if (parsed.nonFinite > 0)
      issues.push({
        code: "non-finite",
        line: element.line,
        byte: element.from,
        message: `${parsed.nonFinite} bare NaN or Infinity here: NaN is read as missing.`,
      });
  }
  if (!isWhole) return null;
  const locator: RecordLocator = { from: 0, to: source.size, line: 1 };
  const report: RecordPlace["report"] = (code, message) =>
    void issues.push({ code, line: 1, byte: 0, message });
  return { locator, trajectories: whole.read(elements, { path, line: 1, report }), issues };
}

async function beginsAsArray(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, 1024);
  return new TextDecoder().decode(head).trimStart().startsWith("[");
}
