import { isRecord } from "../isRecord.ts";
import { branchesOf } from "../verifiers/graph.ts";

type Json = Readonly<Record<string, unknown>>;

/** Streams that an update may hold: a value for every token of its branch. */
const streams = ["advantages", "trainer_logprobs", "entropies", "is_masked", "mismatch_kl"] as const;
/** Streams that a node takes with gaps: a batch of several losses says something of some tokens only. */
const partial: ReadonlySet<string> = new Set(["is_masked", "mismatch_kl"]);

/**
 * A trace with what was learned of it after its episode had been written (prime-rl, `monitors/file/traces/update.py`):
 * each update's `info` is merged into the trace's, and its streams are put on the branch's nodes, compact as the nodes'
 * own columns. The last update wins. A node takes a stream only where that covers its sampled tokens.
 */
export function foldUpdates(trace: Json, updates: readonly Json[]): Json {
  if (updates.length === 0) return trace;
  const nodes = Array.isArray(trace["nodes"]) ? [...(trace["nodes"] as unknown[])] : [];
  // Nodes without tokens take nothing, and a hostile log has many.
  const paths = branchesOf(nodes, { where: "", report: () => undefined }).map(({ path }) =>
    path.filter((node) => lengthOf(nodes[node]) > 0),
  );
  let info = trace["info"];
  for (const update of updates) {
    if (isRecord(update["info"])) info = merged(info, update["info"]);
    const branches = Array.isArray(update["branches"]) ? (update["branches"] as unknown[]) : [];
    for (const branch of branches) {
      const index = isRecord(branch) ? branch["index"] : undefined;
      const path = typeof index === "number" ? paths[index] : undefined;
      if (path !== undefined) foldBranch(nodes, path, branch as Json);
    }
  }
  return { ...trace, nodes, ...(info === undefined ? {} : { info }) };
}

function foldBranch(nodes: unknown[], path: readonly number[], branch: Json): void {
  for (const name of streams) {
    const stream = branch[name];
    if (!Array.isArray(stream) || stream.length === 0) continue;
    let from = 0;
    for (const index of path) {
      const node = nodes[index] as Json;
      const to = from + lengthOf(node);
      if (stream.length < to) break;
      const mask = Array.isArray(node["mask"]) ? (node["mask"] as unknown[]) : [];
      const values = stream.slice(from, to).filter((_, t) => mask[t] === true || mask[t] === 1);
      const missing = values.reduce<number>((n, value) => n + (value === null ? 1 : 0), 0);
      if (missing < values.length && (missing === 0 || partial.has(name)))
        nodes[index] = { ...node, [name]: values };
      from = to;
    }
  }
}

function lengthOf(node: unknown): number {
  const ids = isRecord(node) ? node["token_ids"] : undefined;
  return Array.isArray(ids) ? ids.length : 0;
}

function merged(old: unknown, more: Json): unknown {
  if (!isRecord(old)) return more;
  const both = new Map(Object.entries(old));
  for (const [name, value] of Object.entries(more))
    both.set(name, isRecord(value) ? merged(both.get(name), value) : value);
  return Object.fromEntries(both);
}
