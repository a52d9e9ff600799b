import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./workspace.ts";

interface Scoring {
  readonly log: string;
  readonly model: string;
  /** Where the command line writes the log with its scores. */
  readonly out: string;
}

/** Scores of a log's steps by the command line, one list for each rollout. */
export function scoreByCommandLine({ log, model, out }: Scoring): readonly (readonly number[])[] {
  const args = [join(repository, "dist", "cli.js"), "score", log, "--model", model, "--out", out];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const lines = readFileSync(out, "utf8").trim().split("\n");
  return lines.map((line) => {
    const { turns } = JSON.parse(line) as {
      turns: readonly { readonly steps?: readonly Readonly<Record<string, number>>[] }[];
    };
    return turns.flatMap(({ steps = [] }) => steps.map((step) => step[`prm@${model}`]!));
  });
}
