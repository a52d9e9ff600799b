import { headOf } from "../../core/head/registry.ts";
import { modelFolders, readManifest } from "../../scorerClient/modelFolder.ts";
import type { Command } from "../command.ts";
import { bundledModels } from "../installation.ts";

export const modelsCommand: Command = {
  name: "models",
  usage: "models [--json]",
  doc: "the bundled scoring models",
  options: ["json"],
  async run(args, output) {
    const rows: string[][] = [["id", "head", "column", "what it judges"]];
    for (const folder of await modelFolders(bundledModels)) {
      const { id, label, doc, license, head, range, threshold, limits, tokenScores } =
        await readManifest(folder);
      const { column } = headOf(head)!;
      if (args.json) {
        await output.json({
          id,
          label,
          doc,
          license,
          head,
          column: `${column}@${id}`,
          token_scores: tokenScores,
          range,
          threshold: Number.isNaN(threshold) ? null : threshold,
          max_tokens: limits.maxTokens,
          folder,
          status: "own",
        });
      } else rows.push([id, head, `${column}@${id}`, doc]);
    }
    if (!args.json) await output.table(rows);
    return 0;
  },
};
