import type { BatchShape } from "../columns.ts";
import { creditMethod, type MethodOutput } from "../method.ts";
import { meanBefore, type Shaping, shiftOf } from "../primitives/marginQuality.ts";

const lanes = {
  raw: { level: "turn", doc: "local reward of the turn", kind: "base" },
  before: {
    level: "turn",
    doc: "Q: mean local reward before this turn, of all agents (debate) or of the row",
  },
  shift: {
    level: "turn",
    doc: "margin or quality term; 0 where the shaping has not started",
    kind: "component",
  },
  outcome: { level: "turn", doc: "β times the row's last local reward", kind: "component" },
} as const;

type Lanes = MethodOutput<keyof typeof lanes>;

/**
 * MARTI's margin and quality shaping: an agent's local reward is raised or lowered by how it compares with the rewards
 * before it.
 *
 * TsinghuaC3I/MARTI `MultiAgentRewardAllocation._reward_shaping`: margin R + α(R − Q); quality
 * R + α(QR − (1 − Q)(1 − R)); optionally + β times the row's last reward. Debate: a row is an agent, a column a round, Q is
 * over all agents' earlier rounds, and shaping starts at the second round. Chain and mixture: a row is the rollout, and
 * shaping starts at its first turn with `turn_id` 1, else at the second. A reward that is missing is not counted in Q.
 */
export const marginQuality = creditMethod({
  id: "marginQuality",
  label: "Margin and quality (MARTI)",
  doc: "Shapes each turn's own reward by the mean reward of earlier turns, of all agents of a debate or of the chain.",
  paper: "https://github.com/TsinghuaC3I/MARTI",
  math: String.raw`R_t + \alpha (R_t - Q_t) \quad\text{or}\quad R_t + \alpha\left(Q_t R_t - (1-Q_t)(1-R_t)\right), \quad +\,\beta R_T`,
  status: "code",
  level: "turn",
  comparesGroup: false,
  needs: ["turn.reward"],
  uses: ["agent", "turn.turn_id"],
  alsoNeeds: ({ layout }) => {
    if (layout === "debate") return ["agent"];
    return layout === "mixture" ? ["turn.turn_id"] : [];
  },
  params: {
    form: {
      kind: "choice",
      choices: ["quality", "margin", "none"],
      default: "quality",
      doc: "which term is added",
    },
    layout: {
      kind: "choice",
      choices: ["debate", "chain", "mixture"],
      default: "debate",
      doc: "who is compared: all agents round by round; the rollout's turns from the second on; from `turn_id` 1 on",
    },
    alpha: { kind: "number", default: 0.5, doc: "weight of the term" },
    withOutcome: { kind: "boolean", default: false, doc: "add β times the row's last local reward" },
    beta: { kind: "number", default: 0.5, doc: "weight of the last local reward" },
  },
  presets: {
    "released:quality": {},
    "released:margin": { form: "margin" },
    "released:qualityWithOutcome": { withOutcome: true },
    "released:marginWithOutcome": { form: "margin", withOutcome: true },
    chain: { layout: "chain" },
    mixture: { layout: "mixture" },
  },
  lanes,
  run(batch, params, out) {
    const { raw, shift, outcome, credit } = out;
    raw.set(batch["turn.reward"]);
    shift.fill(0);
    outcome.fill(0);
    for (let r = 0; r < batch.nRollouts; r++) {
      const rows = params.layout === "debate" ? rowsByAgent(batch, batch.agent!, r) : [ownRow(batch, r)];
      const start = params.layout === "mixture" ? firstWithId(batch, batch["turn.turn_id"]!, r) : 1;
      shape(rows, start, params, out);
    }
    for (let u = 0; u < credit.length; u++) credit[u] = raw[u]! + params.alpha * shift[u]! + outcome[u]!;
  },
  formula: () => [
    {
      left: "R̂",
      symbols: "R + α · shift + β · last",
      numbers: "{raw} + {alpha} · {shift} + {outcome}",
      equals: "credit",
    },
  ],
});

/** Turns of each agent in their order: column k is the agent's k-th turn. */
function rowsByAgent({ turns }: BatchShape, agent: Int32Array, r: number): readonly number[][] {
  const rows = new Map<number, number[]>();
  for (let u = turns[r]!; u < turns[r + 1]!; u++) {
    const row = rows.get(agent[u]!);
    if (row === undefined) rows.set(agent[u]!, [u]);
    else row.push(u);
  }
  return [...rows.values()];
}

function ownRow({ turns }: BatchShape, r: number): number[] {
  return Array.from({ length: turns[r + 1]! - turns[r]! }, (_, k) => turns[r]! + k);
}

function firstWithId({ turns }: BatchShape, id: Float64Array, r: number): number {
  const at = id.subarray(turns[r]!, turns[r + 1]!).indexOf(1);
  return at < 0 ? 1 : at;
}

function shape(
  rows: readonly (readonly number[])[],
  start: number,
  params: { readonly form: Shaping; readonly withOutcome: boolean; readonly beta: number },
  { raw, before, shift, outcome }: Lanes,
): void {
  const rewards = rows.map((row) => Float64Array.from(row, (u) => raw[u]!));
  rows.forEach((row, m) => {
    row.forEach((u, k) => {
      before[u] = meanBefore(rewards, k);
      if (k >= start) shift[u] = shiftOf(params.form, raw[u]!, before[u]);
      if (params.withOutcome && params.form !== "none") outcome[u] = params.beta * rewards[m]!.at(-1)!;
    });
  });
}
