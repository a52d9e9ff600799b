import type { ByteSource } from "../../format/format.ts";
import { looksBinary } from "../../format/sniff.ts";
import type { CurveContent, CurveFormat, CurveOptions } from "../curveFormat.ts";
import { SeriesTable } from "../seriesTable.ts";
import { readEvent, scalarOf, type TensorboardEvent } from "../tensorboard/event.ts";
import { beginsAsTfRecord, tfRecords } from "../tensorboard/tfRecord.ts";

/**
 * TensorBoard's event files: scalars as `simple_value` (PyTorch, tensorboardX, TF1) or as rank-0 tensors of the plugin
 * `scalars` (TF2, JAX). Text, histograms and images are passed over.
 */
export const tensorboard: CurveFormat<"tensorboard"> = {
  id: "tensorboard",
  label: "TensorBoard",
  doc: "Event files (`events.out.tfevents.*`): scalars of both encodings, checksums checked; a folder is a run.",
  written: "TensorBoard (master at 70b76c922, 2026-06-30), tensorboardX 2.6.5",
  lacks: "numbers finer than float32",
  extensions: [],
  alsoFollows: ["*tfevents*"],
  hasName: (name) => /(?:^|\.)tfevents(?:\.|$)/.test(name),
  continues: true,
  sniff: ({ path, bytes }) => {
    const isNamed = tensorboard.hasName(path.replace(/^.*\//, ""));
    // A file of this name that begins with damage, or with nothing yet, is still one; a text of this name is none.
    return isNamed
      ? bytes.length < 12 || looksBinary(bytes)
      : beginsAsTfRecord(bytes) && bytes[12] === eventStart;
  },
  read: readEvents,
};

/** Tag of `wall_time`, the first field of an event. */
const eventStart = 0x09;

async function readEvents(source: ByteSource, _: unknown, options: CurveOptions): Promise<CurveContent> {
  const table = new SeriesTable(options);
  const plugins = new Map<string, string>();
  const records = tfRecords(source, (code, byte, message) => table.report({ code, line: 0, byte, message }));
  for await (const { from, payload } of records) {
    if (options.signal?.aborted === true) break;
    const event = readEvent(payload);
    if (event === null) {
      const message = "This record is no event, though its checksum fits; it is left out.";
      table.report({ code: "damaged", line: 0, byte: from, message });
      continue;
    }
    if (event.isStart) noteRestart(table, event.step, from);
    addScalars(table, event, plugins, from);
  }
  return table.done();
}

function addScalars(
  table: SeriesTable,
  { step, wallTime, values }: TensorboardEvent,
  plugins: Map<string, string>,
  byte: number,
): void {
  for (const value of values) {
    const { tag, plugin } = value;
    if (plugin !== null && !plugins.has(tag)) plugins.set(tag, plugin);
    const number = scalarOf(value, plugins.get(tag) ?? null);
    if (number !== undefined && tag !== "")
      table.add(null, tag, { step, value: number, wallTime }, { line: 0, byte });
  }
}

/** TensorBoard itself drops what was logged from the step on before a restart; here it is kept and said. */
function noteRestart(table: SeriesTable, step: number, byte: number): void {
  const points = table.countFrom(step);
  if (points === 0) return;
  const message = `The trainer started again at step ${step}: ${points} points logged before stand at that step or behind it. They are kept.`;
  table.report({ code: "bad-field", line: 0, byte, message });
}
