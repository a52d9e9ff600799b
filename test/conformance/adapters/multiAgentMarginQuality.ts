import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../src/core/rollout/trajectory.ts";
import type { Adapter } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** Names that shape; any other leaves rewards as they are. */
const shaping = ["quality", "margin", "conditional_quality", "quality_with_outcome", "margin_with_outcome"];

/** Debate (no turn ids): one rollout, round by round, a row an agent. Chain and mixture: a row is a rollout. */
export const multiAgentMarginQuality: Adapter = {
  file: "multi_agent_margin_quality",
  values: (inputs) => {
    const { turn_ids: ids, name, alpha, beta } = inputs;
    const rewards = rowsOf(inputs["local_rewards"]);
    const isDebate = ids === null || ids === undefined;
    const members = isDebate ? [debate(rewards)] : chains(rewards, rowsOf(ids));
    const run = makeBatch(members).credit("marginQuality", {
      form: formOf(String(name)),
      withOutcome: String(name).includes("outcome"),
      layout: isDebate ? "debate" : "mixture",
      alpha: alpha ?? 0.5,
      beta: beta ?? 0.5,
    });
    const shaped = isDebate
      ? rewards.map((row, m) => row.map((_, t) => run.lane(0, "credit")[t * rewards.length + m]!))
      : rewards.map((_, r) => [...run.lane(r, "credit")]);
    return { shaped };
  },
};

function formOf(name: string): string {
  if (!shaping.includes(name)) return "none";
  return name.includes("quality") ? "quality" : "margin";
}

function turnOf(reward: number, agent: string, turnId: number): Turn {
  return { ...textTurn("assistant", "answer", -1), reward, agent, extra: new Map([["turn_id", turnId]]) };
}

function debate(rewards: readonly (readonly number[])[]): BatchMember {
  const rounds = rewards[0]!.map((_, t) => rewards.map((row, m) => turnOf(row[t]!, `agent ${m}`, t)));
  return { trajectory: textTrajectory("debate", rounds.flat()), groupKey: null };
}

function chains(rewards: readonly (readonly number[])[], ids: readonly (readonly number[])[]): BatchMember[] {
  return rewards.map((row, r) => ({
    trajectory: textTrajectory(
      `sample ${r}`,
      row.map((reward, t) => turnOf(reward, `agent ${t}`, ids[r]![t]!)),
    ),
    groupKey: null,
  }));
}
