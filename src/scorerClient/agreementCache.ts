import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../core/format/isRecord.ts";
import type { ColumnLevel } from "../core/head/head.ts";
import type { ScoreAgreement } from "../core/head/scoreAgreement.ts";
import type { KeptAgreement } from "../protocol/graphComparison.ts";
import type { ModelFolder, ModelMark } from "./modelFolder.ts";

/** An agreement with the models it is of, as they were then. */
export interface FoundAgreement {
  readonly own: ModelMark;
  readonly other: ModelMark;
  readonly kept: KeptAgreement;
}

const schema = "rewardlens.agreement/1";
/** Comparisons that are kept; beyond it those that were made longest ago go. */
const mostKept = 256;

/**
 * How graphs agree with their model's own, a file each in the cache that the editor and the command line share, beside the
 * scores. A file is found by both models' digests; whoever lists models looks at the marks alone, since digests of large
 * models take minutes. A later comparison takes the place of an earlier one.
 */
export class AgreementCache {
  readonly #folder: string;

  /** @param cacheFolder the cache's folder of all models */
  constructor(cacheFolder: string) {
    this.#folder = join(cacheFolder, "agreements");
  }

  /** Keeps an agreement. A speed that was measured before stands where there was nothing to measure now. */
  async keep(own: ModelFolder, other: ModelFolder, kept: KeptAgreement): Promise<void> {
    const path = join(this.#folder, `${own.digest}-${other.digest}.json`);
    const before = Number.isNaN(kept.speedup) ? ((await read(path))?.kept.speedup ?? NaN) : kept.speedup;
    await mkdir(this.#folder, { recursive: true });
    const text = JSON.stringify({
      schema,
      own: own.mark,
      other: other.mark,
      kept: { ...kept, speedup: before },
    });
    const draft = `${path}.${randomBytes(4).toString("hex")}`;
    await writeFile(draft, `${text}\n`);
    await rename(draft, path);
    await this.#makeRoom();
  }

  /** Everything that is kept and can be read, what was compared last first. */
  async all(): Promise<readonly FoundAgreement[]> {
    const kept = await Promise.all((await this.#files()).map(({ path }) => read(path)));
    return kept.filter((one) => one !== null);
  }

  async #files(): Promise<readonly { readonly path: string; readonly mtimeMs: number }[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files = names.filter((name) => name.endsWith(".json")).map((name) => join(this.#folder, name));
    const stats = files.map(async (path) => ({
      path,
      mtimeMs: (await stat(path).catch(() => null))?.mtimeMs ?? 0,
    }));
    return (await Promise.all(stats)).toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  }

  async #makeRoom(): Promise<void> {
    for (const { path } of (await this.#files()).slice(mostKept)) await unlink(path).catch(() => {});
  }
}

/** Null where there is no such file, or it is damaged. */
async function read(path: string): Promise<FoundAgreement | null> {
  try {
    const json: unknown = JSON.parse(await readFile(path, "utf8"));
    if (!isRecord(json) || json["schema"] !== schema) return null;
    const { own, other, kept } = json;
    if (!isMark(own) || !isMark(other) || !isRecord(kept)) return null;
    const agreement = agreementIn(kept["agreement"]);
    const { level, rollouts } = kept;
    if (agreement === null || !isLevel(level)) return null;
    return {
      own,
      other,
      kept: { level, rollouts: numberIn(rollouts), agreement, speedup: numberIn(kept["speedup"]) },
    };
  } catch {
    return null;
  }
}

function isMark(value: unknown): value is ModelMark {
  if (!isRecord(value)) return false;
  const { model, tokenizer, paths, stamp } = value;
  return (
    [model, tokenizer, stamp].every((one) => typeof one === "string") &&
    Array.isArray(paths) &&
    paths.every((one) => typeof one === "string")
  );
}

function isLevel(value: unknown): value is ColumnLevel {
  return value === "step" || value === "token" || value === "turn" || value === "trajectory";
}

function agreementIn(value: unknown): ScoreAgreement | null {
  if (!isRecord(value)) return null;
  const counts = ["compared", "onlyExact", "onlyOther", "crossed"] as const;
  if (!counts.every((name) => Number.isInteger(value[name]))) return null;
  const number = (name: keyof ScoreAgreement): number => numberIn(value[name]);
  return {
    compared: number("compared"),
    onlyExact: number("onlyExact"),
    onlyOther: number("onlyOther"),
    meanDifference: number("meanDifference"),
    largestDifference: number("largestDifference"),
    spread: number("spread"),
    boundary: number("boundary"),
    boundaryFrom: value["boundaryFrom"] === "threshold" ? "threshold" : "median",
    crossed: number("crossed"),
    rankCorrelation: number("rankCorrelation"),
  };
}

/** JSON has no NaN: it stands there as null. */
function numberIn(value: unknown): number {
  return typeof value === "number" ? value : NaN;
}
