import { rolloutScope } from "../batchScope.ts";
import { isRecord } from "../../format/isRecord.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { diagnostic, type Measurement, type Plain } from "../diagnostic.ts";
import { numberIn, numbersIn, stateSeen } from "../loggedFields.ts";
import { lackingOf } from "../lacking.ts";

/** What a critic of the joint action knows beyond the agents' own: Q_joint − Σ Q_i. */
export function jointGainOf(joint: number, own: readonly number[]): number {
  return joint - own.reduce((a, b) => a + b, 0);
}

/** States where a joint critic is worth its cost (MANSA). */
export const jointGain = diagnostic({
  id: "jointGain",
  label: "Joint over independent critics (MANSA)",
  doc: "Share of turns where the joint critic (`q_joint`) differs from the sum of the agents' own (`q_agents`: numbers, or numbers by agent) by more than its cost: where centralised learning pays.",
  paper: "https://arxiv.org/abs/2302.05910",
  status: "text",
  scope: "rollout",
  needs: ["turn.q_joint", "turn.q_agents"],
  params: { cost: { kind: "number", default: 0.1, min: 0, doc: "price of asking the joint critic once" } },
  presets: { default: {} },
  measure: ({ cost }) => ({
    batch: (batch) =>
      batch.members.map((member): Measurement => {
        const { trajectory } = member;
        const scope = rolloutScope(batch, trajectory);
        const gains = gainsOf(trajectory);
        if (gains.length === 0)
          return {
            scope,
            value: NaN,
            evidence: {},
            missing: lackingOf([member], ["turn.q_joint", "turn.q_agents"]),
          };
        const worth = gains.filter(({ gain }) => Math.abs(gain) > cost);
        const turns = gains.map((one): Plain => ({ ...one, worth: Math.abs(one.gain) > cost }));
        return { scope, value: worth.length / gains.length, evidence: { turns, cost } };
      }),
    end: () => [],
  }),
});

function gainsOf({ turns }: Trajectory): readonly { turn: number; state: string | null; gain: number }[] {
  return turns.flatMap((turn, i) => {
    const gain = gainOf(turn);
    return Number.isNaN(gain) ? [] : [{ turn: i, state: stateSeen(turns, i), gain }];
  });
}

function gainOf({ extra }: Turn): number {
  const agents = extra.get("q_agents");
  const own = numbersIn(isRecord(agents) ? Object.values(agents) : agents);
  return own === null ? NaN : jointGainOf(numberIn(extra.get("q_joint")), own);
}
