import { filesBeside } from "../atif/files.ts";
import { isAtif, readAtif } from "../atif/trajectory.ts";
import { isTrial, type Verdict, verdictOf } from "../atif/verdict.ts";
import type { FileContext } from "../format.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readNearJson } from "../nearJson.ts";

/**
 * The Agent Trajectory Interchange Format (Harbor RFC 0001): one document, with continuations and sub-agents in it or
 * beside it. It has no place for a reward: in a trial of Harbor's the verdict is taken from there.
 */
export const atif = jsonLinesFormat({
  id: "atif",
  label: "ATIF trajectory",
  written:
    "ATIF-v1.0 to v1.8 (RFC 0001: a copy of v1.7, April 2026; v1.8 after another program that follows it)",
  lacks: "rewards, but for those of a Harbor trial; groups, train steps; where tokens lie in the text",
  doc: "`trajectory.json`: steps with tool calls, observations, reasoning; token ids and logprobs where the agent kept them. Continuations are joined, sub-agents are trajectories `ID#SUB`.",
  extensions: [".json", ".jsonl"],
  matches: isAtif,
  partOf: partOfTrial,
  beside: async (file) => ({ files: await filesBeside(file), verdict: await verdictBeside(file) }),
  read(record, { line, beside, ...place }) {
    const report: RecordPlace["report"] = (code, message) => place.report(code, message);
    const trajectories = readAtif(record, { id: `L${line}`, files: beside.files, report });
    // The verdict is the whole trial's: its sub-agents have none of their own.
    return trajectories.map((one, i) =>
      i > 0 || beside.verdict === null ? one : { ...one, ...beside.verdict },
    );
  },
});

/**
 * What a trajectory is read with: `TRIAL/agent/trajectory.json` and all that it names with `TRIAL/result.json`; elsewhere
 * `trajectory.cont-1.json` and the like with `trajectory.json`.
 */
export function partOfTrial(path: string): string | null {
  const [, folder, more] = /(?:^|([^/]+)\/)trajectory(\.[^/]+)?\.json$/.exec(path) ?? [];
  if (folder === "agent") return "../result.json";
  return more === undefined ? null : "trajectory.json";
}

async function verdictBeside({ path, near }: FileContext): Promise<Verdict | null> {
  const isInTrial = partOfTrial(path) === "../result.json";
  const trial = isInTrial ? await readNearJson(near, "../result.json") : null;
  return trial?.record !== null && trial?.record !== undefined && isTrial(trial.record)
    ? verdictOf(trial.record)
    : null;
}
