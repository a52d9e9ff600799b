import type { Batch } from "../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../src/core/credit/engine.ts";
import { infoOf } from "../../src/core/credit/columns.ts";
import { type Parameter, wordOf } from "../../src/core/credit/parameter.ts";
import { type AnyCreditMethod, creditMethods } from "../../src/core/credit/registry.ts";
import { statusWords } from "../../src/core/credit/statusWords.ts";
import { loadBatch } from "../../src/store/measureRun.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import { parseSets } from "../../src/cli/settings.ts";
import type { System } from "../systems/system.ts";

/** Log that examples are taken from where no system has one of its own for a method. */
const usualLog = "samples/first-run/worked-example.jsonl";
const otherLogs = ["token-baselines", "debate", "74-srum"].map((name) => `samples/methods/${name}.jsonl`);

/** A section for each method: formula, what it reads, parameters, presets, and numbers from a log of this project. */
export async function methodSections(systems: readonly System[]): Promise<readonly string[]> {
  const sections: string[] = [];
  for (const method of creditMethods as unknown as readonly AnyCreditMethod[])
    sections.push(...(await sectionOf(method, systems)), "");
  return sections;
}

async function sectionOf(method: AnyCreditMethod, systems: readonly System[]): Promise<readonly string[]> {
  const { id, label, doc, paper, math, status, level, needs, uses = [], params, presets } = method;
  const source = paper.startsWith("http") ? `[Source](${paper}). ` : "";
  const optional = uses.filter((column) => !needs.includes(column));
  return [
    `### ${label} (\`${id}\`)`,
    "",
    `${doc} One number a ${level}; ${statusWords[status]}. ${source}`.trim(),
    "",
    "```math",
    math,
    "```",
    "",
    `Reads ${signals(needs)}${optional.length === 0 ? "" : `; with some parameters ${signals(optional)}`}.`,
    "",
    ...parameterTable(params),
    ...presetList(presets),
    ...(await exampleOf(method, systems)),
  ];
}

function signals(columns: AnyCreditMethod["needs"]): string {
  return columns.map((column) => `\`${infoOf(column).signal}\``).join(", ");
}

function parameterTable(params: AnyCreditMethod["params"]): readonly string[] {
  const entries = Object.entries(params);
  if (entries.length === 0) return [];
  return [
    "| parameter | default | what it does |",
    "| --- | --- | --- |",
    ...entries.map(
      ([name, one]) => `| \`${name}\` | ${defaultOf(one)} | ${one.doc.replaceAll("|", "\\|")} |`,
    ),
    "",
  ];
}

function defaultOf(parameter: Parameter): string {
  const choices = parameter.kind === "choice" ? ` (${parameter.choices.join(", ")})` : "";
  return `\`${wordOf(parameter.default)}\`${choices}`;
}

function presetList(presets: AnyCreditMethod["presets"]): readonly string[] {
  const lines = Object.entries(presets).map(([name, values]) => {
    const words = Object.entries(values).map(([key, value]) => `${key} ${wordOf(value)}`);
    return `\`${name}\`${words.length === 0 ? "" : ` (${words.join(", ")})`}`;
  });
  return lines.length < 2 ? [] : [`Presets: ${lines.join(" · ")}.`, ""];
}

/** The formula with the numbers of one place of a log that is part of this project. */
async function exampleOf(method: AnyCreditMethod, systems: readonly System[]): Promise<readonly string[]> {
  for (const { log, sets } of examplesFor(method, systems)) {
    const { runs } = await OpenRoot.open(log, null);
    const explicit = parseSets([method], sets, "method")[method.id]!;
    for (const { batches } of runs)
      for (const one of batches) {
        const { members } = await loadBatch(one);
        const lines = linesOf(makeBatch(members), method, explicit);
        if (lines === null) continue;
        const set = sets.map((text) => ` --set ${text}`).join("");
        return [
          `In \`${log}\`, ${lines.place} (\`rewardlens credit ${log} --method ${method.id}${set}\`):`,
          "",
          "```text",
          ...lines.text,
          "```",
        ];
      }
  }
  return [];
}

interface Example {
  readonly log: string;
  readonly sets: readonly string[];
}

function examplesFor({ id }: AnyCreditMethod, systems: readonly System[]): readonly Example[] {
  const shown = systems.flatMap(({ shows, sample }) =>
    shows.flatMap((command) => {
      const words = command.split(" ");
      const methods = words[words.indexOf("--method") + 1]?.split(",") ?? [];
      if (words[0] !== "credit" || !methods.includes(id) || sample === null) return [];
      const sets = words.filter((_, i) => words[i - 1] === "--set");
      const isForOther = (set: string): boolean =>
        methods.some((other) => other !== id && set.startsWith(`${other}.`));
      return [{ log: sample, sets: sets.filter((set) => !isForOther(set)) }];
    }),
  );
  return [...shown, ...[usualLog, ...otherLogs].map((log) => ({ log, sets: [] }))];
}

/** The first place that has a number other than 0, in words, and its formula; null where the batch has none. */
function linesOf(
  batch: Batch,
  method: AnyCreditMethod,
  explicit: Readonly<Record<string, unknown>>,
): { readonly place: string; readonly text: readonly string[] } | null {
  const run = batch.credit(method.id, explicit);
  for (const [r, { trajectory }] of batch.members.entries()) {
    const credit = run.credit(r);
    if (credit.status !== "ok") continue;
    for (const [turn, own] of credit.turns.entries()) {
      const numbers = method.level === "step" ? own.steps : (own.tokens ?? own.steps);
      const at = numbers?.findIndex((x) => Number.isFinite(x) && x !== 0) ?? -1;
      const byToken = method.level !== "step" && own.tokens !== undefined;
      if (at < 0 && !(own.credit !== undefined && Number.isFinite(own.credit) && own.credit !== 0)) continue;
      const place = { turn, token: byToken && at >= 0 ? at : null, step: byToken || at < 0 ? null : at };
      const lines = run.explain(r, place);
      if (lines.length === 0) continue;
      const where = byToken && at >= 0 ? `, token ${at + 1}` : at < 0 ? "" : `, step ${at + 1}`;
      return {
        place: `rollout \`${trajectory.id}\`, turn ${turn + 1}${where}`,
        text: lines.flatMap(({ symbols, numbers: put }) => [symbols, `  = ${put}`]),
      };
    }
  }
  return null;
}
