import { curveFormats } from "../../core/curve/registry.ts";
import { formats } from "../../core/format/registry.ts";
import type { Command } from "../command.ts";

/** What is read of a format's files. */
const kinds = [
  ...formats.map((format) => ({ kind: "rollouts", format })),
  ...curveFormats.map((format) => ({ kind: "curves", format })),
];

export const formatsCommand: Command = {
  name: "formats",
  usage: "formats [--json]",
  doc: "formats that are read: rollouts and training curves",
  options: ["json"],
  async run({ json }, output) {
    if (json)
      for (const { kind, format } of kinds) {
        const { id, label, doc, extensions } = format;
        await output.json({ id, kind, label, doc, extensions });
      }
    else
      await output.table([
        ["ID", "KIND", "FORMAT", "WHAT IS READ"],
        ...kinds.map(({ kind, format: { id, label, doc } }) => [id, kind, label, doc]),
      ]);
    return 0;
  },
};
