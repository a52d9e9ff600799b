import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { curveFormats } from "../../src/core/curve/registry.ts";
import type { ByteSource, FileContext, Nearby } from "../../src/core/format/format.ts";
import { formats } from "../../src/core/format/registry.ts";
import { headOf } from "../../src/core/format/sniff.ts";
import { writeTrajectory } from "../../src/core/format/write.ts";
import { type Issue, issueCodes } from "../../src/core/rollout/issue.ts";
import { renderTrace } from "../../src/core/rollout/render.ts";
import { collectSignals, type SignalSets, summarize } from "../../src/core/rollout/summary.ts";
import { mutate, Random } from "./mutate.ts";

/** A log of the fixtures that is damaged again and again. */
export interface Seed {
  readonly format: string;
  readonly kind: "rollouts" | "curves";
  readonly path: string;
}

export interface Failure {
  readonly seed: Seed;
  /** Number of the case: the same one damages the log in the same way. */
  readonly number: number;
  readonly what: string;
}

/** Both the tests and the program run in the repository's folder. */
const fixtures = `${join(process.cwd(), "test", "fixtures")}/`;
const ending = ".expected.json";
/** Milliseconds of work that a case may take. */
const mostMs = 1000;
/** Records of a case that are loaded again, rendered and exported. */
const mostLoaded = 5;

/** The fixtures by format. */
export function seeds(root: string = fixtures): readonly Seed[] {
  return (["rollouts", "curves"] as const).flatMap((kind) =>
    readdirSync(join(root, kind), { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => path.endsWith(ending))
      .map((path) => ({
        format: path.split("/")[0]!,
        kind,
        path: join(root, kind, path.slice(0, -ending.length)),
      })),
  );
}

/** Damages a log in the way of a number and reads it by every way the program does; null where that went well. */
export async function fuzzOnce(seed: Seed, number: number): Promise<Failure | null> {
  const random = new Random(number * 2654435761 + hashOf(seed.path));
  const bytes = mutate(bytesOf(seed.path), random);
  const started = process.cpuUsage();
  try {
    await readAll(seed, sourceOf(bytes), { path: seed.path, near: near(seed.path, random) });
  } catch (error) {
    return { seed, number, what: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const { user, system } = process.cpuUsage(started);
  const ms = (user + system) / 1000;
  return ms <= mostMs ? null : { seed, number, what: `took ${Math.round(ms)} ms` };
}

async function readAll(seed: Seed, source: ByteSource, file: FileContext): Promise<void> {
  const head = await headOf(source, file);
  for (const format of formats) format.sniff(head);
  for (const format of curveFormats) format.sniff(head);
  if (seed.kind === "rollouts") await readRollouts(seed.format, source, file);
  else await readCurves(seed.format, source, file);
  // Keys of a log must not reach the prototype of all objects.
  if ("polluted" in {}) throw new Error("a key of the log reached Object.prototype");
}

async function readRollouts(id: string, source: ByteSource, file: FileContext): Promise<void> {
  const format = formats.find((one) => one.id === id)!;
  const names: SignalSets = { token: new Set(), step: new Set(), turn: new Set(), trajectory: new Set() };
  const locators = [];
  for await (const { locator, trajectories, issues } of format.scan(source, file, {})) {
    // Places in a compressed log are those of its text.
    checkIssues(issues, file.path.endsWith(".zst") ? { ...source, size: Infinity } : source);
    for (const trajectory of trajectories) {
      collectSignals(trajectory, names);
      summarize(trajectory, format.joinKey?.(trajectory));
    }
    locators.push(locator);
  }
  if (format.index !== undefined) for await (const _ of format.index(source, file, {}, names)) continue;
  const records = await format.load(source, file, locators.slice(0, mostLoaded));
  for (const { trajectories } of records)
    for (const trajectory of trajectories.slice(0, mostLoaded)) {
      writeTrajectory(trajectory);
      renderTrace(trajectory, { run: "r", index: 1, of: 1, format: id, place: "x:1" });
    }
}

async function readCurves(id: string, source: ByteSource, file: FileContext): Promise<void> {
  const format = curveFormats.find((one) => one.id === id)!;
  const { series, issues } = await format.read(source, file, {});
  checkIssues([...issues, ...series.flatMap((one) => one.issues)], source);
  for (const { steps, values, wallTimes } of series)
    if (values.length !== steps.length || (wallTimes !== null && wallTimes.length !== steps.length))
      throw new Error("a series has columns of several lengths");
}

function checkIssues(issues: readonly Issue[], { size }: ByteSource): void {
  for (const { code, line, byte, message } of issues) {
    const isPlace =
      Number.isSafeInteger(line) &&
      line >= 0 &&
      Number.isSafeInteger(byte) &&
      byte >= 0 &&
      byte <= Math.max(size, 0);
    if (!isPlace || !issueCodes.includes(code) || message === "" || message.length > 2000)
      throw new Error(`bad issue: ${JSON.stringify({ code, line, byte, message }).slice(0, 300)}`);
  }
}

const kept = new Map<string, Uint8Array>();

function bytesOf(path: string): Uint8Array {
  let bytes = kept.get(path);
  if (bytes === undefined) kept.set(path, (bytes = new Uint8Array(readFileSync(path))));
  return bytes;
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (from, to) => Promise.resolve(Buffer.from(bytes.subarray(Math.max(0, from), Math.max(from, to)))),
  };
}

/** The files beside a log, each of them damaged now and then. */
function near(path: string, random: Random): Nearby {
  const at = (name: string): string => join(dirname(path), name);
  return {
    async open(name) {
      const file = at(name);
      if (!file.startsWith(fixtures) || !(statSync(file, { throwIfNoEntry: false })?.isFile() ?? false))
        return null;
      const bytes = bytesOf(file);
      return sourceOf(random.below(3) === 0 ? mutate(bytes, random) : bytes);
    },
    async list(folder) {
      const path = at(folder);
      if (!path.startsWith(fixtures) || !(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false))
        return [];
      return readdirSync(path, { withFileTypes: true }).map((one) =>
        one.isDirectory() ? `${one.name}/` : one.name,
      );
    },
  };
}

function hashOf(text: string): number {
  const name = text.slice(fixtures.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}
