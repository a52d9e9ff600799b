import { verdictOf } from "../core/head/scoreAgreement.ts";
import { scorerOf } from "../core/head/scorer.ts";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import type { KeptAgreement, ModelGraph } from "../protocol/graphComparison.ts";
import { type ModelDescription, problemOf } from "../protocol/modelDescription.ts";
import type { ModelChoice } from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import type { FoundAgreement } from "./agreementCache.ts";
import { describeModel } from "./describeModel.ts";
import { keptWords } from "./graphComparisonText.ts";
import { graphName, graphsIn } from "./modelGraphs.ts";
import { isUnchanged, modelFolders } from "./modelFolder.ts";

/**
 * Models in these folders, each once. A folder with models in it stands for them. Behind a model come those of its graphs
 * whose scores were found to be as good.
 * @param known how graphs agreed when they were compared
 */
export async function modelChoices(
  folders: readonly string[],
  known: readonly FoundAgreement[] = [],
): Promise<readonly ModelChoice[]> {
  const paths = new Set<string>();
  for (const folder of folders) {
    const inside = await modelFolders(folder);
    for (const path of inside.length > 0 ? inside : [folder]) paths.add(path);
  }
  const each = await Promise.all([...paths].map((path) => choicesOf(path, known)));
  return [...new Map(each.flat().map((choice) => [choice.folder, choice])).values()];
}

async function choicesOf(folder: string, known: readonly FoundAgreement[]): Promise<readonly ModelChoice[]> {
  const name = folder.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "");
  try {
    const description = await describeModel(folder);
    const { manifest } = description;
    if (manifest === null) throw new UserError("model/manifest", problemOf(description));
    return await withGraphs(choiceOf(folder, manifest), description, known);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message: problem } = error;
    return [{ folder, id: name, label: name, doc: "", head: "", columns: [], problem, note: "" }];
  }
}

function choiceOf(folder: string, manifest: ModelManifest): ModelChoice {
  const { id, label, doc, head } = manifest;
  return { folder, id, label, doc, head, columns: scorerOf(manifest).columns, problem: "", note: "" };
}

/** A model as it is chosen, with what is known of its other graphs; or one of those, with what is known of it. */
async function withGraphs(
  choice: ModelChoice,
  described: ModelDescription,
  known: readonly FoundAgreement[],
): Promise<readonly ModelChoice[]> {
  const { place } = described;
  if (place.models.length < 2) return [choice];
  const own = place.wanted === null ? described : await describeModel(place.folder);
  const graphs = graphsIn(own);
  if (graphs === null || own.manifest === null) return [choice];
  const others: OfferedGraph[] = [];
  for (const graph of graphs.others) {
    const one = await offeredGraph(graph, own.manifest, known);
    if (one !== null) others.push(one);
  }
  if (place.wanted !== null) {
    const found = others.find(({ graph }) => graph.graph === place.wanted);
    return [found === undefined ? choice : { ...found.choice, folder: choice.folder }];
  }
  const holding = others.filter(({ kept }) => kept !== null && verdictOf(kept.agreement).holds === true);
  return [{ ...choice, note: noteOn(others) }, ...holding.map((one) => one.choice)];
}

/** Null where the graph cannot be read: whoever compares it is told why. */
async function offeredGraph(
  graph: ModelGraph,
  own: ModelManifest,
  known: readonly FoundAgreement[],
): Promise<OfferedGraph | null> {
  const described = await describeModel(graph.path).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    return null;
  });
  const other = described?.manifest ?? null;
  if (other === null) return null;
  const kept = await agreementOf(known, { graph, own, other });
  const choice = choiceOf(graph.path, other);
  const label = `${choice.label} (${graphName(graph.graph)})`;
  return { graph, kept, choice: { ...choice, label, note: kept === null ? "" : keptWords(kept) } };
}

interface OfferedGraph {
  readonly graph: ModelGraph;
  /** Null where it was not compared, or its files have changed since. */
  readonly kept: KeptAgreement | null;
  readonly choice: ModelChoice;
}

async function agreementOf(
  known: readonly FoundAgreement[],
  {
    graph,
    own,
    other,
  }: { readonly graph: ModelGraph; readonly own: ModelManifest; readonly other: ModelManifest },
): Promise<KeptAgreement | null> {
  for (const found of known) {
    if (found.other.model !== graph.path) continue;
    if ((await isUnchanged(found.own, own)) && (await isUnchanged(found.other, other))) return found.kept;
  }
  return null;
}

/** Of a model's other graphs those that are not offered, and why. */
function noteOn(others: readonly OfferedGraph[]): string {
  const names = (wanted: (one: OfferedGraph) => boolean): string =>
    others
      .filter(wanted)
      .map(({ graph }) => graph.graph)
      .join(", ");
  const uncompared = names(({ kept }) => kept === null);
  const refuted = names(({ kept }) => kept !== null && verdictOf(kept.agreement).holds !== true);
  return [
    ...(uncompared === ""
      ? []
      : [`Also there: ${uncompared}; “Compare Graphs of Model…” says whether it scores as well.`]),
    ...(refuted === "" ? [] : [`Compared, and not found to score as well: ${refuted}.`]),
  ].join(" ");
}
