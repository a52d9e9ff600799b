// Entry of the scorer's process: the only program that loads onnxruntime. It may die; who started it goes on.
import { type Port, serve } from "../protocol/rpc.ts";
import type { ModelFiles, ScorerApi } from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import { inWords, loadModel, type Ready } from "./loadModel.ts";

const port: Port = {
  // The other side may be gone while a run was going on.
  post: (message) => void process.send?.(message, undefined, undefined, () => {}),
  onMessage: (listener) => void process.on("message", listener),
};
let ready: Promise<Ready> | null = null;
let loaded: ModelFiles | null = null;
/** Runs follow each other: two at once would be computed one after the other anyway. */
let turn: Promise<unknown> = Promise.resolve();

serve<ScorerApi>(port, {
  async load(_, files, options) {
    const before = ready;
    loaded = files;
    ready = (async () => {
      await (await before?.catch(() => null))?.model.release();
      return loadModel(files, options);
    })();
    return (await ready).told;
  },
  score({ signal }, items) {
    const result = turn.then(async () => {
      if (ready === null || loaded === null) throw new UserError("scorer/none", "No model is loaded.");
      const files = loaded;
      return (await ready).model.score(items, signal).catch((error: unknown) => {
        throw inWords(error, files);
      });
    });
    turn = result.catch(() => {});
    return result;
  },
});

// Whoever started this process is gone: so are those who would read the scores.
process.on("disconnect", () => process.exit(0));
