import { outcomeOf } from "../../rollout/summary.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { actionOf, fieldOf, numberIn, promptOf, stateSeen } from "../loggedFields.ts";
import { type Episode, visitShares } from "../visits.ts";
import { Lacking } from "../lacking.ts";

/** An episode of a task with where it stands among the others. */
interface Placed {
  readonly episode: Episode;
  /** NaN = not logged: the order of the log. */
  readonly index: number;
  readonly reward: number;
}

/** Exploration that comes from exploiting what earlier episodes of a task have shown. */
export const revisits = diagnostic({
  id: "revisits",
  label: "Revisits across repeated episodes",
  doc: "For tasks met again (field `prompt_id`, else the group; order: field `episode`, else the log's): the share of state–action pairs (`state` of turns; `action`, tool calls or text) that an earlier episode has had, and the share of first visits in each episode.",
  paper: "https://arxiv.org/abs/2508.01287",
  status: "own",
  scope: "run",
  needs: ["turn.state", "trajectory.group"],
  params: {},
  presets: { default: {} },
  measure() {
    const tasks = new Map<string, Placed[]>();
    let run = "";
    const lacking = new Lacking(["turn.state", "trajectory.group"]);
    return {
      batch(batch) {
        ({ run } = batch);
        lacking.see(batch.members);
        for (const member of batch.members) {
          const task = promptOf(member);
          const episode = episodeOf(member.trajectory);
          if (task === null || episode.length === 0) continue;
          const index = numberIn(fieldOf(member.trajectory, "episode"));
          const placed = { episode, index, reward: outcomeOf(member.trajectory) };
          tasks.set(task, [...(tasks.get(task) ?? []), placed]);
        }
        return [];
      },
      end: () =>
        tasks.size === 0
          ? [{ scope: { run }, value: NaN, evidence: {}, missing: lacking.signals }]
          : [...tasks].map(([task, episodes]) => measureTask(run, task, episodes)),
    };
  },
});

function episodeOf({ turns }: Trajectory): Episode {
  return turns.flatMap((turn, i) => {
    const state = turn.trainable ? stateSeen(turns, i) : null;
    return state === null ? [] : [{ state, action: actionOf(turn) }];
  });
}

function measureTask(run: string, task: string, episodes: readonly Placed[]): Measurement {
  const known = episodes.every(({ index }) => !Number.isNaN(index));
  const ordered = known ? episodes.toSorted((a, b) => a.index - b.index) : episodes;
  const { repeatRate, firstVisits, shift } = visitShares(ordered.map(({ episode }) => episode));
  const evidence = {
    episodes: ordered.length,
    firstVisits,
    shift,
    rewards: ordered.map(({ reward }) => reward),
    order: known ? "field" : "log",
  };
  const alone = ordered.length < 2 ? { missing: ["trajectory.group"] } : {};
  return { scope: { run, group: task }, value: repeatRate, evidence, ...alone };
}
