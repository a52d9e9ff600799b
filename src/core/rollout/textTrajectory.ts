import { noSteps } from "./stepSpans.ts";
import type { Trajectory, Turn } from "./trajectory.ts";

/** A turn of a format that holds text alone: all else is missing. */
export function textTurn(role: string, content: string, parent: number): Turn {
  return {
    role,
    content,
    agent: null,
    name: null,
    state: null,
    reward: NaN,
    trainable: role === "assistant",
    parent,
    toolCalls: [],
    toolCallId: null,
    attachments: [],
    time: NaN,
    tokens: null,
    steps: noSteps,
    extra: new Map(),
  };
}

/** A trajectory of which nothing is known but its turns. */
export function textTrajectory(id: string, turns: readonly Turn[]): Trajectory {
  return {
    id,
    idLogged: false,
    run: null,
    group: null,
    groupSource: "none",
    trainStep: null,
    split: "train",
    reward: NaN,
    rewards: new Map(),
    success: null,
    truncated: null,
    finalValue: NaN,
    answer: null,
    turns,
    metadata: undefined,
    signals: new Map(),
    extra: new Map(),
  };
}
