import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { meanOf } from "../../stats/moments.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type Measurement, type Plain } from "../diagnostic.ts";
import { actionOf } from "../loggedFields.ts";

/** One agent punishing another, with the target's turns around it. */
export interface PunishmentEvent {
  readonly turn: number;
  readonly by: string;
  readonly target: string;
  /** The target's last action before and first action after; null = it has none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Rewards of these turns; NaN = not logged. */
  readonly rewardBefore: number;
  readonly rewardAfter: number;
}

/** Punishments of an episode: turns whose field `punishes` names an agent, or several. */
export function punishmentsOf(turns: readonly Turn[]): readonly PunishmentEvent[] {
  return turns.flatMap((turn, i) =>
    namesIn(turn.extra.get("punishes")).map((target) => {
      const before = turns.slice(0, i).findLast(({ agent }) => agent === target);
      const after = turns.slice(i + 1).find(({ agent }) => agent === target);
      return {
        turn: i,
        by: turn.agent ?? turn.role,
        target,
        before: before === undefined ? null : actionOf(before),
        after: after === undefined ? null : actionOf(after),
        rewardBefore: before?.reward ?? NaN,
        rewardAfter: after?.reward ?? NaN,
      };
    }),
  );
}

/** Who punishes whom, and whether it changes what the punished one does next. */
export const punishment = diagnostic({
  id: "punishment",
  label: "Punishment events",
  doc: "Turns whose field `punishes` names another agent: the share after which the punished agent does something else than before (`action`, tool calls or text), who punishes whom, and the change of its reward.",
  paper: "https://arxiv.org/abs/2301.08278",
  status: "own",
  scope: "rollout",
  needs: ["turn.agent", "turn.punishes"],
  params: {},
  presets: { default: {} },
  measure: () => ({
    batch: (batch) =>
      batch.members.map(({ trajectory }) => ({
        scope: rolloutScope(batch, trajectory),
        ...measureEvents(trajectory),
      })),
    end: () => [],
  }),
});

function measureEvents({ turns }: Trajectory): Omit<Measurement, "scope"> {
  if (turns.every(({ agent }) => agent === null))
    return { value: NaN, evidence: {}, missing: ["turn.agent"] };
  const events = punishmentsOf(turns);
  if (events.length === 0) return { value: NaN, evidence: { events: 0 }, missing: ["turn.punishes"] };
  const answered = events.filter(({ before, after }) => before !== null && after !== null);
  const edges: Record<string, number> = {};
  for (const { by, target } of events) {
    const edge = `${by} → ${target}`;
    edges[edge] = (edges[edge] ?? 0) + 1;
  }
  const evidence = {
    events: events.map((one): Plain => ({ ...one })),
    edges,
    rewardChange: meanOf(events.map(({ rewardBefore, rewardAfter }) => rewardAfter - rewardBefore)),
  };
  const value = meanOf(answered.map(({ before, after }) => (before === after ? 0 : 1)));
  return {
    value,
    evidence,
    ...(answered.length === 0 ? { missing: ["turn.agent"] } : {}),
  };
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : [];
}
