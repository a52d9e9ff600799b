import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readLoggedMessage } from "./message.ts";

/** A line of a benchmark's `trajectories.jsonl`: roles user, assistant, environment, grader; counts of tokens only. */
export function readBenchmark(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const turns = (fields.list("turns") ?? []).map((turn, i) =>
    readLoggedMessage(turn, { where: `turns[${i}]`, parent: i - 1, report }),
  );
  const benchmark = fields.key("benchmark");
  const index = fields.key("idx");
  const example = fields.key("example_id");
  return {
    ...textTrajectory(index === null ? `L${place.line}` : `${benchmark}_${index}`, turns),
    idLogged: index !== null,
    group: example === null ? null : `${benchmark} ${example}`,
    groupSource: example === null ? "none" : "explicit",
    split: "validation",
    reward: fields.number("reward"),
    extra: new Map([["benchmark", benchmark], ...fields.rest()]),
  };
}
