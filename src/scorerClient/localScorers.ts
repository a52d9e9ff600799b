import { scorerOf } from "../core/head/scorer.ts";
import type { Answers } from "../core/head/modelQuestion.ts";
import type { ScoreText } from "../core/head/scoreText.ts";
import { verifierOf, verifiers } from "../core/verifier/registry.ts";
import type { DryRunOfRollout } from "../protocol/dryRun.ts";
import type { KeptAgreement, ModelGraph, ModelGraphs } from "../protocol/graphComparison.ts";
import type { ModelDescription } from "../protocol/modelDescription.ts";
import {
  type LoadOptions,
  type ModelChoice,
  type ModelFiles,
  type Scorers,
  type ScoreSource,
  verifierPrefix,
} from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import { AgreementCache, type FoundAgreement } from "./agreementCache.ts";
import { describeModel } from "./describeModel.ts";
import { dryRunModel } from "./dryRunModel.ts";
import { modelChoices } from "./modelChoices.ts";
import { readModelFolder } from "./modelFolder.ts";
import { modelGraphs } from "./modelGraphs.ts";
import { digestOfVerifier, verifierChoice, verifierNames, verifierSource } from "./verifierSource.ts";
import { ScoreCache } from "./scoreCache.ts";
import { keyOf } from "./scoredRecord.ts";
import { ScorerClient, type ScorerClientOptions } from "./scorerClient.ts";

export interface LocalScorersOptions extends ScorerClientOptions {
  /** Folder of the cache that the editor and the command line share. */
  readonly cacheFolder: string;
}

/** Models on this machine: one pool of processes for all of them, one cache a model. */
export class LocalScorers implements Scorers {
  readonly #client: ScorerClient;
  readonly #cacheFolder: string;
  readonly #scorerFile: string;
  readonly #agreements: AgreementCache;
  readonly #caches = new Map<string, ScoreCache>();
  /** Those of models by their files, which the scorer's processes know them by. */
  readonly #cacheOfFiles = new WeakMap<ModelFiles, ScoreCache>();

  constructor({ cacheFolder, ...options }: LocalScorersOptions) {
    const onDistrust = (files: ModelFiles): void => void this.#cacheOfFiles.get(files)?.forgetGpu();
    this.#client = new ScorerClient({ ...options, onDistrust });
    this.#cacheFolder = cacheFolder;
    this.#agreements = new AgreementCache(cacheFolder);
    this.#scorerFile = options.scorerFile;
  }

  /** Pids of the scorer's processes while there are any. */
  get pids(): readonly number[] {
    return this.#client.pids;
  }

  async open(folder: string): Promise<ScoreSource> {
    if (folder.startsWith(verifierPrefix)) return this.#openVerifier(folder);
    const { files, digest, folder: path } = await readModelFolder(folder);
    const cache = this.#cacheOf(digest);
    this.#cacheOfFiles.set(files, cache);
    await cache.refresh();
    return {
      folder: path,
      scorer: scorerOf(files.manifest),
      refresh: () => cache.refresh(),
      keyOf,
      has: (key) => cache.has(key),
      cached: (keys) => cache.getAll(keys),
      keep: (entries) => cache.put(entries),
      load: async (options, signal) => {
        const told = await this.#client.load(files, options, signal);
        if (told.device !== "cpu") cache.trustGpu();
        return told;
      },
      score: (items, options, signal, onScored) =>
        this.#client.score(files, items, options, signal, onScored),
    };
  }

  async list(folders: readonly string[]): Promise<readonly ModelChoice[]> {
    return scorerChoices(folders, await this.#agreements.all());
  }

  graphs(path: string): Promise<ModelGraphs> {
    return modelGraphs(path);
  }

  async keepAgreement(own: ModelGraph, other: ModelGraph, kept: KeptAgreement): Promise<void> {
    await this.#agreements.keep(await readModelFolder(own.path), await readModelFolder(other.path), kept);
  }

  describe(path: string, answers: Answers): Promise<ModelDescription> {
    return describeModel(path, answers);
  }

  dryRun(
    folder: string,
    text: ScoreText,
    options: LoadOptions,
    signal: AbortSignal,
  ): Promise<DryRunOfRollout> {
    return dryRunModel(folder, text, { ...options, scorerFile: this.#scorerFile, signal });
  }

  async dispose(): Promise<void> {
    this.#client.dispose();
    for (const cache of this.#caches.values()) await cache.close();
  }

  async #openVerifier(folder: string): Promise<ScoreSource> {
    const verifier = verifierOf(folder.slice(verifierPrefix.length));
    if (verifier === undefined)
      throw new UserError(
        "model/verifier",
        `There is no ${folder}: it is one of ${verifierNames().join(", ")}.`,
      );
    const cache = this.#cacheOf(digestOfVerifier(verifier));
    await cache.refresh();
    return verifierSource(verifier, cache);
  }

  #cacheOf(digest: string): ScoreCache {
    let cache = this.#caches.get(digest);
    if (cache === undefined) this.#caches.set(digest, (cache = new ScoreCache(this.#cacheFolder, digest)));
    return cache;
  }
}

/** Models in these folders and verifiers, each once; `verifier:` stands for all of these. */
export async function scorerChoices(
  folders: readonly string[],
  known: readonly FoundAgreement[] = [],
): Promise<readonly ModelChoice[]> {
  const each = folders.map(async (folder): Promise<readonly ModelChoice[]> => {
    if (folder === verifierPrefix) return verifiers.map(verifierChoice);
    const own = folder.startsWith(verifierPrefix)
      ? verifierOf(folder.slice(verifierPrefix.length))
      : undefined;
    return own === undefined ? modelChoices([folder], known) : [verifierChoice(own)];
  });
  const all = new Map((await Promise.all(each)).flat().map((choice) => [choice.folder, choice]));
  return [...all.values()];
}
