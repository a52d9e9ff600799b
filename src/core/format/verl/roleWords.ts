/**
 * True where a response holds turns of others: a line with the role word of a user or a tool alone, and further down one
 * with the assistant's. Chat templates leave these words when special tokens are left out (Qwen; Llama 3 puts an empty
 * line behind them).
 */
export function hasRoleWords(output: string): boolean {
  if (!output.includes("\nassistant\n")) return false;
  const other = /\n(?:user|tool)\n/.exec(output);
  return other !== null && output.indexOf("\nassistant\n", other.index + 1) >= 0;
}
