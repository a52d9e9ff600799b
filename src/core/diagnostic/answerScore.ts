import { pythonSpace } from "./pythonText.ts";

/** `f1`: token F1, −2 where the format is broken; `em`: exact match, the same; `f1_no_format`: F1, 0 where it is broken. */
export type AnswerForm = "f1" | "em" | "f1_no_format";

const tags = ["code", "tool_call", "think", "answer"];

const space = new RegExp(`${pythonSpace}+`, "g");
const punctuation = /[!-/:-@[-`{-~]/g;

/** Separates the answers that are right, in a reference answer. */
const separator = "<|answer_split|>";

/**
 * Score of the text between the first answer tags against a reference answer, the best of several. Tokens are compared as
 * sets: how often a word comes does not matter. Letter case and ASCII punctuation do not count.
 * GuoqingWang1/IGPO `compute_f1`.
 */
export function answerScore(solution: string, reference: string, form: AnswerForm): number {
  const answer = answerOf(solution.toLowerCase());
  if (answer === null) return form === "f1_no_format" ? 0 : -2;
  const words = wordsOf(answer);
  const references = reference.toLowerCase().split(separator).map(wordsOf);
  if (form === "em") return references.some((right) => right.join(" ") === words.join(" ")) ? 1 : 0;
  return references.reduce((best, right) => Math.max(best, setF1(new Set(words), new Set(right))), 0);
}

/** Text between the first answer tags; null where there is none, or where tags of the known kinds do not match. */
export function answerOf(solution: string): string | null {
  if (!tags.every((tag) => isBalanced(solution, tag))) return null;
  return /<answer>(.*?)<\/answer>/s.exec(solution)?.[1] ?? null;
}

/** As many closing tags as opening ones, and after each opening one a closing one. */
function isBalanced(text: string, tag: string): boolean {
  const [open, close] = [`<${tag}>`, `</${tag}>`];
  if (text.split(open).length !== text.split(close).length) return false;
  for (let from = text.indexOf(open); from >= 0;) {
    const end = text.indexOf(close, from);
    if (end < 0) return false;
    from = text.indexOf(open, end + 1);
  }
  return true;
}

function wordsOf(text: string): readonly string[] {
  return text
    .replace(punctuation, " ")
    .split(space)
    .filter((word) => word !== "");
}

/** F1 of two sets of words; 0 where one is empty or they share none. */
export function setF1(found: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let common = 0;
  for (const word of found) if (right.has(word)) common++;
  if (common === 0) return 0;
  const [precision, recall] = [common / found.size, common / right.size];
  return (2 * (precision * recall)) / (precision + recall);
}

/**
 * Reference answer of a fact-checking row: a JSON list of claims with labels is false where one of them is; any other text as it
 * is.
 */
export function labelAnswer(reference: string): string {
  let claims: unknown;
  try {
    claims = JSON.parse(reference);
  } catch {
    return reference;
  }
  if (!Array.isArray(claims)) return reference;
  const labels = claims.map((claim: unknown) => (claim as { readonly label?: unknown } | null)?.label);
  if (!labels.every((label) => typeof label === "string")) return reference;
  return labels.some((label) => label.toLowerCase() === "false") ? "false" : "true";
}
