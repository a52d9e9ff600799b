import { headOf } from "../../core/head/registry.ts";
import { type ModelDescription, problemOf } from "../../protocol/modelDescription.ts";
import { describeModel } from "../../scorerClient/describeModel.ts";
import { manifestToFill } from "../../scorerClient/manifestToFill.ts";
import { modelFolders } from "../../scorerClient/modelFolder.ts";
import { pathsOf, UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { compareModels } from "../graphComparisons.ts";
import { bundledModels } from "../installation.ts";
import type { Output } from "../output.ts";

export const modelsCommand: Command = {
  name: "models",
  usage:
    "models [PATH…] [--compare LOG [--limit N] [--device auto|cpu|…] [--threads N] [--cache DIR]] [--json]",
  doc: "the bundled scoring models; of a PATH what its files say of the model in it, and what they do not; --compare: how the scores of its graphs agree on a log",
  options: ["json", "compare", "limit", "device", "threads", "cache"],
  async run(args, output) {
    if (args.compare !== null)
      return compareModels(await foldersOf(pathsOf(args, "models --compare LOG")), args.compare, {
        args,
        output,
      });
    for (const name of ["limit", "device", "threads", "cache"] as const)
      if (args[name] !== null) throw new UsageError(`models takes --${name} with --compare only`);
    const isBundled = args.paths.length === 0;
    const folders = isBundled ? await modelFolders(bundledModels) : await foldersOf(args.paths);
    const descriptions: ModelDescription[] = [];
    let exit = 0;
    for (const folder of folders)
      try {
        descriptions.push(await describeModel(folder));
      } catch (error) {
        output.complainOf(error);
        exit = 2;
      }
    if (args.json) for (const one of descriptions) await output.json(lineOf(one));
    else if (isBundled) await output.table([head, ...descriptions.map(rowOf)]);
    else for (const one of descriptions) await explain(one, output);
    return exit;
  },
};

const head = ["id", "head", "column", "what it judges"];

/** Models at these paths. A folder with models in it stands for them. */
async function foldersOf(paths: readonly string[]): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const path of paths) {
    const inside = await modelFolders(path);
    folders.push(...(inside.length > 0 ? inside : [path]));
  }
  return folders;
}

function columnOf({ manifest }: ModelDescription): string | null {
  return manifest === null ? null : `${headOf(manifest.head)!.column}@${manifest.id}`;
}

function rowOf(description: ModelDescription): readonly string[] {
  const { manifest, place } = description;
  return [manifest?.id ?? place.name, manifest?.head ?? "", columnOf(description) ?? "", manifest?.doc ?? ""];
}

function lineOf(description: ModelDescription): Record<string, unknown> {
  const { manifest, place, fields, questions, json, manifestFile } = description;
  return {
    id: manifest?.id ?? place.name,
    label: manifest?.label ?? place.name,
    doc: manifest?.doc ?? "",
    license: manifest?.license ?? "",
    head: manifest?.head ?? json["head"] ?? null,
    column: columnOf(description),
    token_scores: manifest?.tokenScores ?? null,
    range: manifest?.range ?? null,
    threshold: manifest === null || Number.isNaN(manifest.threshold) ? null : manifest.threshold,
    max_tokens: manifest?.limits.maxTokens ?? null,
    folder: place.path,
    status: "own",
    manifest_file: manifestFile,
    models: place.models,
    fields,
    missing: questions.map(({ id, field, words, choices }) => ({
      id,
      field,
      words,
      choices: choices.map(({ value }) => value),
    })),
    problem: problemOf(description),
    manifest: manifestToFill(description),
  };
}

/** What was detected and where, what is missing, and the manifest to fill in. */
async function explain(description: ModelDescription, output: Output): Promise<void> {
  const { place, fields, questions, problem, manifestFile } = description;
  await output.line(manifestFile === null ? place.path : `${place.path} (${manifestFile})`);
  const rows = fields.map(({ field, value, source }) => [`  ${field}`, source, JSON.stringify(value)]);
  await output.table([["  field", "from", "value"], ...rows]);
  for (const { field, words, choices } of questions) {
    const values = choices.map(({ value }) => JSON.stringify(value)).join(", ");
    await output.line(`  ${field}: missing. ${words}${values === "" ? "" : ` (${values})`}`);
  }
  if (problem !== "") await output.line(`  does not fit together: ${problem}`);
  if (place.models.length > 1)
    await output.line(
      `  graphs: ${place.models.join(", ")} (one is asked for by its path; --compare LOG says how their scores agree)`,
    );
  if (manifestFile !== null) return;
  const missing = questions.length > 0 ? ", with … where something is missing" : "";
  await output.line(`  rewardlens.model.json${missing}:`);
  await output.lines(JSON.stringify(manifestToFill(description), null, 2).split("\n"));
}
