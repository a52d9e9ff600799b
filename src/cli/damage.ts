import type { OpenRoot } from "../store/openRoot.ts";
import type { Output } from "./output.ts";

export const noLog =
  "no log that RewardLens knows is in this folder. It reads rewardlens/1, verl dumps and chat messages as JSON Lines.";

/**
 * Says on standard error what of a root cannot be read.
 * @returns 2 where a file gave nothing at all, else 0: what could be read goes on
 */
export function warnOfDamage(root: OpenRoot, output: Output): number {
  let exit = 0;
  for (const { file, issues, total } of root.describe().issues) {
    for (const { line, message } of issues) output.complain(`${file}:${line}: ${message}`);
    if (total > issues.length) output.complain(`${file}: ${total - issues.length} more problems like these`);
    const index = root.files.find(({ path }) => path === file);
    if (index === undefined || index.table.length === 0) exit = 2;
  }
  if (root.files.length === 0 && root.refused.length === 0) {
    output.complain(`${root.root}:0: ${noLog}`);
    exit = 2;
  }
  return exit;
}
