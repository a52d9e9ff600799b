import { formats } from "../../core/format/registry.ts";
import type { Command } from "../command.ts";

export const formatsCommand: Command = {
  name: "formats",
  usage: "formats [--json]",
  doc: "rollout formats that are read",
  options: ["json"],
  async run({ json }, output) {
    if (json)
      for (const { id, label, doc, extensions } of formats) await output.json({ id, label, doc, extensions });
    else
      await output.table([
        ["ID", "FORMAT", "WHAT IS READ"],
        ...formats.map(({ id, label, doc }) => [id, label, doc]),
      ]);
    return 0;
  },
};
