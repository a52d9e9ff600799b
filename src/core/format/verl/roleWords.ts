import { textTurn } from "../../rollout/textTrajectory.ts";
import { type SignalNote, type Turn, turnsNote } from "../../rollout/trajectory.ts";

/** A role word with what surrounds it, which is none of the texts beside it. */
const chatMl = /(?:^|\n)(system|user|tool|assistant)(?=\n)/g;
/** The word is glued to the text before it, and an empty line follows. */
const llama3 = /(?<=\S)\n?(system|user|tool|ipython|environment|assistant)\n(?=\n)/g;

/** False where nothing of an answer can be a turn of another: told without looking further. */
export function hasRoleWords(answer: string): boolean {
  // Line by line: a search for the word itself would stop at each of its first letters.
  for (let at = answer.indexOf("\n"); at >= 0; at = answer.indexOf("\n", at + 1))
    if (answer.charCodeAt(at - 1) === lastLetter && answer.endsWith("assistant", at)) return true;
  return false;
}

const lastLetter = "t".charCodeAt(0);

/** Turns of an answer in which several turns stand, and the note that they are guessed. */
export interface GuessedTurns {
  readonly turns: readonly Turn[];
  readonly signals: ReadonlyMap<string, SignalNote>;
}

/**
 * Turns of an answer that an agent loop wrote in several, where the words of its chat template still stand between them:
 * in lines of their own (ChatML), or, where the prompt ends as Llama 3's do, glued to the text before. A turn of another
 * role must be followed by one of the assistant's, and never two of the assistant's by each other. Null where that is not
 * so: a text that happens to hold such a word stays whole.
 * @param parent index of the turn before the answer
 */
export function turnsByRoleWords(prompt: string, answer: string, parent: number): GuessedTurns | null {
  if (!hasRoleWords(answer)) return null;
  const words = [...answer.matchAll(prompt.endsWith("assistant\n\n") ? llama3 : chatMl)];
  const roles = ["assistant", ...words.map(([, role = ""]) => role)];
  const isFound = roles.includes("assistant", 1);
  const alternates = roles.every((role, k) => k === 0 || role !== "assistant" || roles[k - 1] !== role);
  if (!isFound || !alternates) return null;
  const ends = [...words.map(({ index }) => index), answer.length];
  // A newline ends the word.
  const starts = [0, ...words.map(({ 0: word, index }) => index + word.length + 1)];
  const turns = roles.map((role, k) => textTurn(role, answer.slice(starts[k], ends[k]), parent + k));
  return { turns, signals: new Map([[turnsNote, { source: "guessed from role words" }]]) };
}
