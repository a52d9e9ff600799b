import { groupSources, type SignalNote, type Split, type Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { glanceNative } from "../native/glance.ts";
import { groupNote } from "../native/names.ts";
import { restOf } from "../native/rest.ts";
import { readTurn } from "../native/turn.ts";

/**
 * The native format (docs/contract.md, section 2): one trajectory a line. Every field is optional but `schema`;
 * a field that is wrong is reported by its path and read as missing.
 */
export const rewardlens = jsonLinesFormat({
  id: "rewardlens",
  label: "RewardLens",
  written: "rewardlens/1 (docs/contract.md)",
  lacks: "nothing that RewardLens shows",
  doc: "The native format, `rewardlens/1`: turns with tokens, masks, numeric columns, steps, rewards.",
  matches: (record) =>
    (typeof record["schema"] === "string" && record["schema"].startsWith("rewardlens/")) ||
    looksNative(record),
  read(record, place) {
    const { schema } = record;
    if (schema !== "rewardlens/1") {
      const what =
        schema === undefined ? 'has no "schema"' : `has schema ${JSON.stringify(schema)?.slice(0, 60)}`;
      place.report("unsupported-version", `This line ${what}; this version reads "rewardlens/1".`);
      return [];
    }
    return [readTrajectory(record, place)];
  },
  glance(record, { line }, names) {
    const summary = glanceNative(record, line, names);
    return summary === null ? null : [summary];
  },
});

/** Turns as the native format has them, so that a forgotten `schema` is named and not guessed around. */
function looksNative(record: Readonly<Record<string, unknown>>): boolean {
  const turns = record["turns"];
  return (
    Array.isArray(turns) &&
    isRecord(turns[0]) &&
    typeof turns[0]["role"] === "string" &&
    "content" in turns[0]
  );
}

function readTrajectory(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  fields.raw("schema");
  const id = readId(fields);
  const group = fields.key("group");
  const signals = readSignals(fields);
  const groupSource = groupSources.find((source) => source === signals.get(groupNote)?.source);
  if (groupSource !== undefined) signals.delete(groupNote);
  const turns = (fields.list("turns") ?? []).map((turn, i) => readTurn(turn, i, place));
  if (!Array.isArray(record["turns"])) fields.wrong("turns", "is missing: a trajectory is a list of turns");
  return withScorer({
    id: id ?? `L${place.line}`,
    idLogged: id !== null,
    run: fields.key("run"),
    group,
    groupSource: group === null ? "none" : (groupSource ?? "explicit"),
    trainStep: fields.integer("train_step"),
    split: readSplit(fields),
    reward: fields.number("reward"),
    rewards: readRewards(fields),
    success: fields.flag("success"),
    truncated: fields.flag("truncated"),
    finalValue: fields.number("final_value"),
    answer: fields.key("answer"),
    turns,
    metadata: fields.raw("metadata"),
    signals,
    extra: restOf(fields),
  });
}

/** Tokens that the log says a scorer made are its, not the policy's. */
function withScorer(trajectory: Trajectory): Trajectory {
  const scorer = /^scorer:(.+)$/.exec(trajectory.signals.get("tokens")?.source ?? "")?.[1];
  if (scorer === undefined) return trajectory;
  const turns = trajectory.turns.map((turn) =>
    turn.tokens === null ? turn : { ...turn, tokens: { ...turn.tokens, scorer } },
  );
  return { ...trajectory, turns };
}

function readId(fields: Fields): string | null {
  const id = fields.key("id");
  if (id !== "") return id;
  fields.wrong("id", "is empty and is read as missing");
  return null;
}

function readSplit(fields: Fields): Split {
  const split = fields.text("split");
  if (split === "validation") return split;
  if (split !== null && split !== "train")
    fields.wrong("split", 'is neither "train" nor "validation" and is read as "train"');
  return "train";
}

function readRewards(fields: Fields): Map<string, number> {
  const rewards = new Map<string, number>();
  for (const [name, value] of Object.entries(fields.object("rewards") ?? {})) {
    if (typeof value === "number" || value === null) rewards.set(name, value ?? NaN);
    else
      fields.wrong(
        "rewards",
        `holds ${JSON.stringify(name).slice(0, 60)}, which is not a number and is left out`,
      );
  }
  return rewards;
}

function readSignals(fields: Fields): Map<string, SignalNote> {
  const notes = new Map<string, SignalNote>();
  for (const [name, value] of Object.entries(fields.object("signals") ?? {})) {
    if (isRecord(value)) notes.set(name, value);
    else
      fields.wrong(
        "signals",
        `holds ${JSON.stringify(name).slice(0, 60)}, which is not an object and is left out`,
      );
  }
  return notes;
}
