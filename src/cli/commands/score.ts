import { stat } from "node:fs/promises";
import { asLogged } from "../../core/head/asLogged.ts";
import type { Device, LoadOptions } from "../../protocol/scorer.ts";
import { verifierPrefix } from "../../protocol/scorer.ts";
import { UserError } from "../../protocol/userError.ts";
import { defaultCacheFolder } from "../../scorerClient/cacheFolder.ts";
import { LocalScorers, scorerChoices } from "../../scorerClient/localScorers.ts";
import { modelFolders, readManifest } from "../../scorerClient/modelFolder.ts";
import { loadTrajectories } from "../../store/loadTrajectories.ts";
import type { Member } from "../../store/runBatch.ts";
import { withKnownScores } from "../../store/scoring/knownScores.ts";
import { loadPatiently, scoreMembers, type ScoreWork } from "../../store/scoring/scoreMembers.ts";
import { type Arguments, deviceOf, pathsOf, threadsOf, UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { printDryRuns } from "../dryRuns.ts";
import { bundledModels, scorerFile } from "../installation.ts";
import type { Output } from "../output.ts";
import { type Change, writeRollouts } from "../rolloutWriter.ts";

/** Exit code where the scorer fails. */
const scorerFailed = 3;

/** Rollouts scored before they are written. */
const chunk = 512;

export const score: Command = {
  name: "score",
  usage:
    "score PATH… --model DIR|ID [--out FILE] [--dry-run [--id FILE::ID]…] [--device auto|cpu|…] [--threads N] [--cache DIR] [--json]",
  doc: "the rollouts with the scores of a local model; --dry-run: token by token what it reads of one of them, and where",
  options: ["out", "json", "model", "device", "threads", "cache", "dry-run", "id"],
  async run(args, output) {
    const paths = pathsOf(args, "score");
    const options = { device: deviceOf(args), threads: threadsOf(args) };
    const folder = await folderOf(args);
    if (args.dryRun) return dryRun(args, { folder, options, output });
    if (args.ids.length > 0) throw new UsageError("score takes --id with --dry-run only");
    const scorers = new LocalScorers({
      scorerFile,
      cacheFolder: args.cache ?? defaultCacheFolder(),
      log: (line) => output.complain(line),
    });
    try {
      const tally = new Tally();
      const source = await inOwnWords(() => scorers.open(folder));
      const work: ScoreWork = {
        source,
        options,
        segmentation: undefined,
        signal: new AbortController().signal,
        onChunk: () => {},
      };
      // Before a file is opened for writing: a model that cannot be used leaves nothing behind.
      const { device } = await inOwnWords(() => loadPatiently(work));
      tally.device = device;
      const change = scoring(work, tally);
      const exit = await writeRollouts(paths, { out: args.out, output, change });
      tally.device = (await source.load(options, work.signal).catch(() => ({ device }))).device;
      process.stderr.write(`${JSON.stringify(tally.report())}\n`);
      return Math.max(exit, tally.failed > 0 ? scorerFailed : 0);
    } catch (error) {
      if (!(error instanceof ScorerFailure)) throw error;
      output.complain(error.message);
      return scorerFailed;
    } finally {
      await scorers.dispose();
    }
  },
};

/** One look at what the model reads, before it scores a thousand rollouts. */
async function dryRun(
  args: Arguments,
  parts: { readonly folder: string; readonly options: LoadOptions; readonly output: Output },
): Promise<number> {
  try {
    return await inOwnWords(() => printDryRuns(args, parts));
  } catch (error) {
    if (!(error instanceof ScorerFailure)) throw error;
    parts.output.complain(error.message);
    return scorerFailed;
  }
}

/** The model or its process failed: what was written so far is whole. */
class ScorerFailure extends Error {}

/** What was done, for the last line on standard error. */
class Tally {
  readonly #started = performance.now();
  trajectories = 0;
  tokens = 0;
  cached = 0;
  failed = 0;
  device: Device | null = null;

  report(): Record<string, unknown> {
    const { trajectories, tokens, cached, failed, device } = this;
    const seconds = (performance.now() - this.#started) / 1000;
    const left = failed > 0 ? { failed } : {};
    return { trajectories, tokens, seconds, tokens_per_second: tokens / seconds, device, cached, ...left };
  }
}

/** Failures of the scorer as such: they end with their own code. */
async function inOwnWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError && /^(scorer|model)\//.test(error.code))
      throw new ScorerFailure(error.message);
    throw error;
  }
}

/** Scores a chunk of rollouts and gives them with their columns. */
function scoring(work: ScoreWork, tally: Tally): Change {
  const change = async (members: readonly Member[]) => {
    const { cached, tokens, failed } = await inOwnWords(() => scoreMembers(members, work));
    tally.trajectories += members.length;
    tally.cached += cached;
    tally.tokens += tokens;
    tally.failed += failed;
    const scored = await withKnownScores(await loadTrajectories(members), [work.source], undefined);
    return scored.map(({ trajectory }) => asLogged(trajectory, work.source.scorer));
  };
  return Object.assign(change, { chunk });
}

/** A model's folder as given, or what a bundled model or a verifier is opened by. */
async function folderOf({ model }: Arguments): Promise<string> {
  if (model === null)
    throw new UsageError(
      "score needs --model: a model's folder, or the id of a bundled one or of a verifier",
    );
  if (/^https?:/.test(model))
    throw new UsageError(
      `--model ${model}: remote scorers are not there yet; give a folder or a bundled model's id`,
    );
  const found = await stat(model).catch(() => null);
  if (found?.isDirectory() === true || (found !== null && model.endsWith(".onnx"))) return model;
  const ids: string[] = [];
  for (const folder of await modelFolders(bundledModels)) {
    const { id } = await readManifest(folder);
    if (id === model) return folder;
    ids.push(id);
  }
  for (const { folder, id } of await scorerChoices([verifierPrefix])) {
    if (id === model || folder === model) return folder;
    ids.push(id);
  }
  throw new UsageError(
    `--model ${model}: there is no such folder, and no such bundled model or verifier (${ids.join(", ")})`,
  );
}
