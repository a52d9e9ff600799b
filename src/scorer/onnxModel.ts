import { InferenceSession, Tensor, env } from "onnxruntime-node";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import type { Device } from "../protocol/scorer.ts";
import { halfToNumber } from "./half.ts";

/** What a run gives: `labels` numbers at each of `width` positions of each row. */
export interface Logits {
  readonly data: ArrayLike<number>;
  readonly labels: number;
  readonly width: number;
}

/** What about a model cannot be used, in words for the person whose model it is. */
export class ModelError extends Error {}

// What goes wrong is told in our own words; the runtime's lines would only fill the log.
env.logLevel = "fatal";

/** A model in onnxruntime. The only file that imports it. */
export class OnnxModel {
  readonly #session: InferenceSession;
  readonly #manifest: ModelManifest;

  private constructor(session: InferenceSession, manifest: ModelManifest) {
    this.#session = session;
    this.#manifest = manifest;
  }

  /** @throws ModelError when the file is no model that fits its manifest, or the device cannot run it */
  static async load(
    path: string,
    manifest: ModelManifest,
    { device, threads }: { readonly device: Device; readonly threads: number },
  ): Promise<OnnxModel> {
    const session = await InferenceSession.create(path, {
      executionProviders: [device],
      graphOptimizationLevel: "all",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // The arena keeps the peak of the largest batch; without it memory follows what is needed.
      enableCpuMemArena: false,
      logSeverityLevel: 4,
      // Threads that wait for work sleep: an editor runs on batteries.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    }).catch((error: unknown) => {
      throw new ModelError(`cannot be loaded (${firstLine(error)})`);
    });
    const model = new OnnxModel(session, manifest);
    const lacking = model.#lacking();
    if (lacking === null) return model;
    await session.release();
    throw new ModelError(lacking);
  }

  /**
   * One run over rows padded on the right to `width`.
   * @param ids rows × width, with `lengths[r]` ids in row r; what follows them is padding
   */
  async run(ids: BigInt64Array, lengths: readonly number[], width: number): Promise<Logits> {
    const { inputs, output } = this.#manifest;
    const shape = [lengths.length, width];
    const feeds: Record<string, Tensor> = { [inputs.ids]: new Tensor("int64", ids, shape) };
    if (inputs.mask !== null) feeds[inputs.mask] = new Tensor("int64", maskOf(lengths, width), shape);
    if (inputs.positions !== null)
      feeds[inputs.positions] = new Tensor("int64", positionsOf(lengths.length, width), shape);
    const results = await this.#session.run(feeds, [output.name]).catch((error: unknown) => {
      throw new ModelError(`fails when it runs (${firstLine(error)})`);
    });
    const tensor = results[output.name]!;
    const [rows, positions, labels = 1] = tensor.dims;
    if (rows !== lengths.length || positions !== width || tensor.dims.length > 3)
      throw new ModelError(
        `gives an output of shape [${tensor.dims.join(", ")}] for ${rows} texts of ${width} tokens; ` +
          "it should be [texts, tokens] or [texts, tokens, labels]",
      );
    const data =
      tensor.type === "float16"
        ? Float32Array.from(tensor.data as Uint16Array, halfToNumber)
        : (tensor.data as Float32Array);
    return { data, labels, width };
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  /** Inputs and output that the manifest names and the model does not have. */
  #lacking(): string | null {
    const { inputs, output } = this.#manifest;
    const { inputNames, outputNames } = this.#session;
    const wanted = [inputs.ids, inputs.mask, inputs.positions].filter((name) => name !== null);
    const unknown = wanted.find((name) => !inputNames.includes(name));
    if (unknown !== undefined) return `has no input "${unknown}"; it has ${inputNames.join(", ")}`;
    const unfed = inputNames.find((name) => !wanted.includes(name));
    if (unfed !== undefined) return `needs an input "${unfed}", which the manifest does not name`;
    if (!outputNames.includes(output.name))
      return `has no output "${output.name}"; it has ${outputNames.join(", ")}`;
    return null;
  }
}

function maskOf(lengths: readonly number[], width: number): BigInt64Array {
  const mask = new BigInt64Array(lengths.length * width);
  lengths.forEach((length, r) => mask.fill(1n, r * width, r * width + length));
  return mask;
}

function positionsOf(rows: number, width: number): BigInt64Array {
  return BigInt64Array.from({ length: rows * width }, (_, i) => BigInt(i % width));
}

/** The runtime's messages are long and hold paths of its own sources. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!.slice(0, 200);
}
