/** A question and the first step that is glued to it. */
export interface QuestionAndStep {
  /** Null where nothing says where the question ends. */
  readonly question: string | null;
  readonly step: string;
}

/**
 * Parts the question from the first step at the words "Step 1:", with which the solutions of Math-Shepherd and of the
 * sets made from it begin. Elsewhere nothing says where the question ends.
 */
export function partQuestion(text: string): QuestionAndStep {
  const at = text.indexOf("Step 1:");
  return at <= 0
    ? { question: null, step: text }
    : { question: text.slice(0, at).trimEnd(), step: text.slice(at) };
}
