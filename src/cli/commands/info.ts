import type { Issue } from "../../core/rollout/issue.ts";
import type { SignalNames } from "../../core/rollout/summary.ts";
import type { FileIndex } from "../../store/fileIndex.ts";
import { FileError } from "../../store/fileSource.ts";
import { OpenRoot } from "../../store/openRoot.ts";
import { pathsOf } from "../arguments.ts";
import type { Command } from "../command.ts";
import { noLog } from "../damage.ts";

/** A line of `info`. */
interface FileInfo {
  readonly file: string;
  readonly format: string | null;
  readonly trajectories: number;
  readonly groups: number;
  readonly train_steps: readonly [number, number] | null;
  readonly tokens: number;
  readonly token_source: string;
  readonly signals: SignalNames;
  readonly issues: readonly Issue[];
}

/** Issues of one file that are printed: more than a person reads, and no more than memory holds. */
const mostIssues = 100_000;

const noSignals: SignalNames = { token: [], step: [], turn: [], trajectory: [] };

export const info: Command = {
  name: "info",
  usage: "info PATH… [--json]",
  doc: "what is in these files: format, counts, signals, damage",
  options: ["json"],
  async run(args, output) {
    let exit = 0;
    for (const path of pathsOf(args, "info")) {
      const lines = await infoOf(path);
      for (const line of lines) {
        if (args.json) await output.json(line);
        else await output.line(inWords(line));
        if (!args.json)
          await output.lines(line.issues.map((issue) => `  line ${issue.line}: ${issue.message}`));
        const [first] = line.issues;
        if (line.trajectories > 0 || first === undefined) continue;
        exit = 2;
        output.complain(`${line.file}:${first.line}: ${first.message}`);
      }
    }
    return exit;
  },
};

/** A line a file of the path; what cannot be read at all has format null and an issue. */
async function infoOf(path: string): Promise<readonly FileInfo[]> {
  try {
    const root = await OpenRoot.open(path, null, { mostIssues });
    const lines = root.files.map(ofFile);
    for (const { file, issues } of root.refused) lines.push(unreadable(file, issues));
    if (lines.length > 0) return lines;
    return [unreadable(path, [{ code: "unrecognised", line: 0, byte: 0, message: noLog }])];
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return [unreadable(path, [{ code: "refused", line: 0, byte: 0, message: error.what }])];
  }
}

function ofFile({ path, format, table, signals, issues }: FileIndex): FileInfo {
  const groups = new Set<string>();
  let steps: readonly [number, number] | null = null;
  let tokens = 0;
  let logged = false;
  for (let row = 0; row < table.length; row++) {
    const { run, group, trainStep, split, nTokens, tokenSource } = table.summary(row);
    if (group !== null) groups.add(JSON.stringify([run, split, trainStep, group]));
    if (trainStep !== null)
      steps = [Math.min(steps?.[0] ?? trainStep, trainStep), Math.max(steps?.[1] ?? trainStep, trainStep)];
    tokens += nTokens;
    logged ||= tokenSource === "logged";
  }
  return {
    file: path,
    format: format?.id ?? null,
    trajectories: table.length,
    groups: groups.size,
    train_steps: steps,
    tokens,
    token_source: logged ? "logged" : "none",
    signals,
    issues,
  };
}

function unreadable(file: string, issues: readonly Issue[]): FileInfo {
  const nothing = { trajectories: 0, groups: 0, train_steps: null, tokens: 0, token_source: "none" };
  return { file, format: null, ...nothing, signals: noSignals, issues };
}

function inWords({
  file,
  format,
  trajectories,
  groups,
  train_steps: steps,
  tokens,
  token_source,
  signals,
  issues,
}: FileInfo): string {
  const parts = [
    format ?? "not recognised",
    `${trajectories} rollouts`,
    `${groups} groups`,
    steps === null
      ? "no train step"
      : steps[0] === steps[1]
        ? `train step ${steps[0]}`
        : `train steps ${steps[0]} to ${steps[1]}`,
    token_source === "none" ? "no tokens" : `${tokens} tokens`,
    ...Object.entries(signals).map(([level, names]: [string, readonly string[]]) =>
      names.length > 0 ? `${level}: ${names.join(" ")}` : "",
    ),
    issues.length > 0 ? `${issues.length} problems` : "",
  ];
  return `${file}  ${parts.filter((part) => part !== "").join(" · ")}`;
}
