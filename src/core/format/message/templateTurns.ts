import { textTurn } from "../../rollout/textTrajectory.ts";
import { type SignalNote, type Turn, turnsNote } from "../../rollout/trajectory.ts";

/** Turns of a text, and how they were found; `note` is null where nothing was split. */
export interface SplitTurns {
  readonly turns: readonly Turn[];
  /** To be merged into the trajectory's `signals`. */
  readonly signals: ReadonlyMap<string, SignalNote>;
}

interface Piece {
  readonly role: string;
  readonly content: string;
}

/** Marks of chat templates that stay in texts decoded with special tokens: a role, its text, the end. */
const templates = [
  /<\|im_start\|>([^\n<]{1,40})\n([\s\S]*?)(?:<\|im_end\|>\n?|(?=<\|im_start\|>)|$)/g,
  /<\|start_header_id\|>([^<]{1,40})<\|end_header_id\|>\n\n([\s\S]*?)(?:<\|eot_id\|>|(?=<\|start_header_id\|>)|$)/g,
] as const;
const beginning = /^(?:<\|begin_of_text\|>|<\|endoftext\|>|<s>|\s)*/;
const ending = /(?:<\|im_end\|>|<\|eot_id\|>|<\|endoftext\|>|<\|end_of_text\|>|<\/s>)\s*$/;

/**
 * Splits a prompt and its completion, decoded with special tokens, at the marks of ChatML and Llama 3. The text before
 * the first mark of the completion is the assistant's. Where no mark is found both texts stay whole.
 */
export function templateTurns(prompt: string, completion: string): SplitTurns {
  const before = split(prompt);
  const marked = before !== null || split(completion) !== null || ending.test(completion);
  const context = before ?? (prompt === "" ? [] : [{ role: "prompt", content: prompt }]);
  // A template ends the prompt with the header of the turn that is to be written.
  const opened = context.at(-1);
  const isOpened = opened !== undefined && opened.role === "assistant" && opened.content === "";
  const head = isOpened ? context.slice(0, -1) : context;
  const first = /<\|im_start\|>|<\|start_header_id\|>/.exec(completion);
  const own = (first === null ? completion : completion.slice(0, first.index)).replace(ending, "");
  const later = first === null ? [] : (split(completion.slice(first.index)) ?? []);
  const pieces = [...head, { role: "assistant", content: own }, ...later];
  return {
    // What stands in the prompt was written before: the policy is not trained on it.
    turns: pieces.map(({ role, content }, i) => {
      const turn = textTurn(role, content, i - 1);
      return i < head.length ? { ...turn, trainable: false } : turn;
    }),
    signals: marked ? new Map([[turnsNote, { source: "from the template's marks" }]]) : new Map(),
  };
}

function split(text: string): readonly Piece[] | null {
  for (const template of templates) {
    const rest = text.replace(beginning, "");
    const pieces = [...rest.matchAll(template)].map(([, role = "", content = ""]) => ({
      role: role.trim(),
      content,
    }));
    if (pieces.length > 0) return pieces;
  }
  return null;
}
