import { join } from "node:path";
import type { ModelGraphs } from "../protocol/graphComparison.ts";
import { type ModelDescription, problemOf } from "../protocol/modelDescription.ts";
import { UserError } from "../protocol/userError.ts";
import { describeModel } from "./describeModel.ts";
import { isOfAnotherKind, placeOf, variantOf } from "./modelPlace.ts";

/** The graphs of a model's folder, whichever of them was named. @throws UserError */
export async function modelGraphs(path: string): Promise<ModelGraphs> {
  const { folder } = await placeOf(path);
  const description = await describeModel(folder);
  const graphs = graphsIn(description);
  if (graphs === null) throw new UserError("model/manifest", problemOf(description));
  return graphs;
}

/** Null where the model is not described well enough to be scored with. */
export function graphsIn({ place, manifest }: ModelDescription): ModelGraphs | null {
  if (manifest === null) return null;
  const { folder, models } = place;
  const { model: own, reference } = manifest.files;
  const others = models.filter((graph) => graph !== own && graph !== reference && !isOfAnotherKind(graph));
  return {
    folder,
    own: { graph: own, path: folder },
    others: others.map((graph) => ({ graph, path: join(folder, graph) })),
    threshold: manifest.threshold,
  };
}

/** What people call a graph beside its model's name: `int8` of `model_int8.onnx`. */
export function graphName(graph: string): string {
  return variantOf(graph).replace(/^_/, "") || graph;
}
