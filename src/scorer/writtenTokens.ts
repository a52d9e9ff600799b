import type { ModelManifest } from "../core/head/modelManifest.ts";
import { isToken } from "../core/head/template.ts";
import type { ModelTokenizer } from "./tokenizer/modelTokenizer.ts";

/**
 * Ids of the added tokens that a log's text may write: where the manifest asks for the vocabulary's, those that are not
 * special, and that the manifest itself neither names nor writes: no rollout makes a mark.
 */
export function writtenTokens(
  { template, output }: Pick<ModelManifest, "template" | "output">,
  tokenizer: Pick<ModelTokenizer, "idOf" | "ordinary">,
): ReadonlySet<number> {
  if (template.addedTokens === "text") return new Set();
  const { before, firstStep, eachStep, eachTurn, otherTurn, after } = template;
  const pieces = [before, firstStep, eachStep, eachTurn, otherTurn, after].flatMap((list) => list ?? []);
  const names = [...pieces.filter(isToken).map(({ token }) => token), ...(output.candidates ?? [])];
  const named = new Set(names.map((name) => tokenizer.idOf(name)));
  const texts = pieces.flatMap((piece) => (typeof piece === "object" && "text" in piece ? [piece.text] : []));
  const free = [...tokenizer.ordinary].filter(
    ([content, id]) => !named.has(id) && !texts.some((text) => text.includes(content)),
  );
  return new Set(free.map(([, id]) => id));
}
