import type { GraphComparison } from "../protocol/graphComparison.ts";
import { usualLimit } from "../protocol/graphComparison.ts";
import { UserError } from "../protocol/userError.ts";
import { defaultCacheFolder } from "../scorerClient/cacheFolder.ts";
import { graphComparisonJson } from "../scorerClient/graphComparisonJson.ts";
import { comparisonText } from "../scorerClient/graphComparisonText.ts";
import { LocalScorers } from "../scorerClient/localScorers.ts";
import { compareGraphs } from "../store/scoring/compareGraphs.ts";
import { type Arguments, deviceOf, threadsOf, UsageError } from "./arguments.ts";
import { scorerFile } from "./installation.ts";
import { openRoot } from "./openRoot.ts";
import type { Output } from "./output.ts";

/** Exit codes of the contract. */
const unreadable = 2;
const scorerFailed = 3;

/**
 * Holds the graphs of each folder against each other on the log that `--compare` names. That scores do not hold is an
 * answer, no failure.
 * @returns the exit code
 */
export async function compareModels(
  folders: readonly string[],
  log: string,
  { args, output }: { readonly args: Arguments; readonly output: Output },
): Promise<number> {
  const options = { device: deviceOf(args), threads: threadsOf(args) };
  const limit = limitOf(args);
  const { runs } = await openRoot(log);
  const members = runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
  const scorers = new LocalScorers({
    scorerFile,
    cacheFolder: args.cache ?? defaultCacheFolder(),
    log: (line) => output.complain(line),
  });
  let exit = 0;
  try {
    for (const folder of folders)
      try {
        const signal = new AbortController().signal;
        const onProgress = (): void => {};
        const work = { scorers, folder, options, segmentation: undefined, limit, signal, onProgress };
        const comparison = await compareGraphs(members, work);
        await print(comparison, { args, output });
        for (const { problem } of comparison.others) if (problem !== "") exit = failed(problem, exit, output);
      } catch (error) {
        if (error instanceof UserError && /^(scorer|model)\//.test(error.code))
          exit = failed(error.message, exit, output);
        else {
          output.complainOf(error);
          exit = unreadable;
        }
      }
    return exit;
  } finally {
    await scorers.dispose();
  }
}

/** What is wrong with a path outranks a model that fails. */
function failed(problem: string, exit: number, output: Output): number {
  output.complain(problem);
  return exit === unreadable ? exit : scorerFailed;
}

async function print(
  comparison: GraphComparison,
  { args, output }: { readonly args: Arguments; readonly output: Output },
): Promise<void> {
  if (args.json) for (const line of graphComparisonJson(comparison)) await output.json(line);
  else await output.lines(comparisonText(comparison).trimEnd().split("\n"));
}

function limitOf({ limit }: Arguments): number {
  const number = Number(limit ?? usualLimit);
  if (Number.isInteger(number) && number > 0) return number;
  throw new UsageError(`--limit ${limit}: it is a whole number above 0, of rollouts that are scored`);
}
