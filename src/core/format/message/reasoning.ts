import type { Turn } from "../../rollout/trajectory.ts";

/** Field of a turn's `extra`: how many UTF-16 units of its content are reasoning. */
export const reasoningLength = "reasoning_length";

/**
 * A turn whose log keeps the reasoning in a field of its own (`reasoning_content`): both texts verbatim, the reasoning
 * first and a blank line between them; where it ends is noted, so that nothing is lost.
 */
export function withReasoning(turn: Turn, name = "reasoning_content"): Turn {
  const reasoning = turn.extra.get(name);
  if (typeof reasoning !== "string" || reasoning === "") return turn;
  const extra = new Map(turn.extra);
  extra.delete(name);
  extra.set(reasoningLength, reasoning.length);
  const content = turn.content === "" ? reasoning : `${reasoning}\n\n${turn.content}`;
  return { ...turn, content, extra };
}
