import type { Trajectory } from "../rollout/trajectory.ts";
import { type Matrix, matrixOf } from "../stats/singularValues.ts";
import { fieldOf, matrixIn } from "./loggedFields.ts";

/**
 * T×D hidden states of the response: `tokens.hidden_states`, a list for each token, at the trained tokens of all turns;
 * else the trajectory's own field of that name, whole. null = not logged.
 */
export function hiddenStatesOf(trajectory: Trajectory): Matrix | null {
  const rows: (readonly number[])[] = [];
  for (const { tokens } of trajectory.turns) {
    const logged = matrixIn(tokens?.extra.get("hidden_states"));
    if (tokens === null || logged?.rows !== tokens.n) continue;
    for (let t = 0; t < tokens.n; t++) {
      if (tokens.mask[t] === 0) continue;
      rows.push([...logged.values.subarray(t * logged.columns, (t + 1) * logged.columns)]);
    }
  }
  const width = rows[0]?.length;
  if (rows.length > 0 && rows.every((row) => row.length === width)) return matrixOf(rows);
  return matrixIn(fieldOf(trajectory, "hidden_states"));
}
