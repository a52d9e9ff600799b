import { isRecord } from "../isRecord.ts";
import type { FileContext, Nearby } from "../format.ts";
import { type NearDocument, readNearJson } from "../nearJson.ts";

type Json = Readonly<Record<string, unknown>>;

/** Documents that a trajectory is continued in or hands work to, by the names it gives them. */
export type AtifFiles = ReadonlyMap<string, NearDocument>;

/** More than any agent has; each may name others. */
const mostFiles = 200;

/**
 * Reads the trajectories that the one at `path` names, and those that they name: continuations
 * (`trajectory.cont-1.json`) and sub-agents' trajectories in files of their own. Only plain names of files in the same
 * folder are followed.
 */
export async function readAtifFiles(
  near: Nearby,
  path: string,
): Promise<{ main: NearDocument | null; files: AtifFiles }> {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const main = await readNearJson(near, path);
  const files = new Map<string, NearDocument>();
  const open = [...namesIn(main?.record ?? {})];
  for (let name = open.shift(); name !== undefined && files.size < mostFiles; name = open.shift()) {
    if (files.has(name) || folder + name === path) continue;
    const file = await readNearJson(near, folder + name);
    if (file === null) continue;
    files.set(name, file);
    open.push(...namesIn(file.record ?? {}));
  }
  return { main, files };
}

/** The files of a trajectory that was opened by itself. */
export async function filesBeside({ path, near }: FileContext): Promise<AtifFiles> {
  return (await readAtifFiles(near, path.slice(path.lastIndexOf("/") + 1))).files;
}

/** Names of the files that a document points at. */
function namesIn(document: Json): readonly string[] {
  const names: string[] = [];
  const add = (name: unknown): void => {
    if (isPlainName(name)) names.push(name);
  };
  add(document["continued_trajectory_ref"]);
  for (const step of listOf(document["steps"])) {
    const observation = isRecord(step) ? step["observation"] : undefined;
    for (const result of listOf(isRecord(observation) ? observation["results"] : undefined))
      for (const ref of referencesOf(result)) add(ref["trajectory_path"]);
  }
  return names;
}

/** Sub-agents that a result of an observation points at. */
export function referencesOf(result: unknown): readonly Json[] {
  return isRecord(result) ? listOf(result["subagent_trajectory_ref"]).filter(isRecord) : [];
}

export function isPlainName(name: unknown): name is string {
  return typeof name === "string" && /^[^/\\:\0]{1,200}\.json$/.test(name) && !name.startsWith(".");
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
