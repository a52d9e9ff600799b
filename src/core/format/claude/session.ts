import type { Issue } from "../../rollout/issue.ts";
import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { byteLines } from "../byteLines.ts";
import type { ByteSource, FileContext, RecordLocator, ScannedRecord } from "../format.ts";
import { parseLine } from "../jsonLines.ts";
import { chainsOf } from "./chains.ts";
import { readEvent, type SessionEvent } from "./event.ts";
import { turnsOf } from "./turns.ts";

/** A session is its file: one record, whose trajectories are the ways through its events. Damage is told by its line. */
export async function readSession(source: ByteSource, file: FileContext): Promise<ScannedRecord> {
  const issues: Issue[] = [];
  const events: SessionEvent[] = [];
  for await (const line of byteLines(source)) {
    const report = (code: Issue["code"], message: string): void => {
      issues.push({ code, line: line.line, byte: line.from, message });
    };
    const parsed = parseLine(line, report);
    if (parsed === null) continue;
    if (parsed.nonFinite > 0)
      report("non-finite", `${parsed.nonFinite} bare NaN or Infinity in this line: NaN is read as missing.`);
    events.push(readEvent(parsed.record, report));
  }
  const locator: RecordLocator = { from: 0, to: source.size, line: 1 };
  const { chains, nLeftOut } = chainsOf(events);
  if (nLeftOut > 0) {
    const message = `${nLeftOut} branches of this session are left out: it has more than can be shown as trajectories.`;
    issues.push({ code: "bad-field", line: 0, byte: 0, message });
  }
  const shared = sharedFields(events);
  const session = events.find((event) => event.session !== null)?.session ?? null;
  const id = session ?? /([^/]*?)(?:\.[^./]*)?$/.exec(file.path)?.[1] ?? "session";
  const others = events.filter(({ uuid }) => uuid === null).map(({ record }) => record);
  const trajectories = chains.map(({ suffix, events: way }): Trajectory => {
    const extra = suffix === "" && others.length > 0 ? [["other_events", others] as const] : [];
    return {
      ...textTrajectory(id + suffix, turnsOf(way, shared)),
      idLogged: session !== null,
      metadata: shared,
      extra: new Map(extra),
    };
  });
  return { locator, trajectories, issues };
}

/** Where and with what the session ran, as its first event says. */
function sharedFields(events: readonly SessionEvent[]): Readonly<Record<string, unknown>> {
  const first = events.find(({ uuid }) => uuid !== null)?.record ?? {};
  const names = ["sessionId", "version", "cwd", "gitBranch", "userType", "entrypoint", "slug", "agentId"];
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(first, name)).map((name) => [name, first[name]]),
  );
}
