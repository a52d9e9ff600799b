import type { Split, Trajectory } from "../../rollout/trajectory.ts";
import { isArtTable, readArtRow } from "../art/parquet.ts";
import { readArtTrajectory } from "../art/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";

/**
 * ART's trajectories of 2025, `models/<model>/trajectories/<split>/<step>.jsonl`: a line is a group. Sampled messages are
 * OpenAI choices whose logprobs ART took out. Since then `<step>.parquet`, a row a trajectory.
 */
export const art = jsonLinesFormat({
  id: "art",
  label: "ART",
  written: "OpenPipe ART: JSON Lines groups (779559f, 2025-06-14), Parquet (319f6d7b)",
  lacks: "tokens, logprobs, advantages",
  doc: "Groups of `trajectories` with `messages_and_choices` and `reward`; the step is the file's name, the split its folder.",
  matches: ({ trajectories }) =>
    Array.isArray(trajectories) &&
    isRecord(trajectories[0]) &&
    Array.isArray(trajectories[0]["messages_and_choices"]),
  columns: isArtTable,
  read: (record, place) =>
    "trajectories" in record
      ? readGroup(record, place)
      : [{ ...readArtRow(record, place), ...artPlace(place.path) }],
});

function readGroup(record: Readonly<Record<string, unknown>>, place: RecordPlace): readonly Trajectory[] {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const members = fields.list("trajectories") ?? [];
  // What is said of the group is named as ART's Parquet files name it.
  const ofGroup = [...fields.rest()].map(([name, value]) => [`group_${name}`, value] as const);
  const { trainStep, split } = artPlace(place.path);
  return members.flatMap((member, i) => {
    const where = `trajectories[${i}]`;
    if (!isRecord(member)) report("bad-field", `${where} is not an object and is left out.`);
    if (!isRecord(member)) return [];
    const one = readArtTrajectory(member, { id: `L${place.line}.${i}`, where, report });
    const extra = new Map([...one.extra, ...ofGroup]);
    return [{ ...one, group: `L${place.line}`, groupSource: "line", trainStep, split, extra } as const];
  });
}

/** `…/trajectories/<split>/<step>.<ending>`; every split but "train" is looked at apart from training. */
export function artPlace(path: string): { readonly trainStep: number | null; readonly split: Split } {
  const [, folder = "train", step] = /(?:^|\/)([^/]+)\/(\d{1,15})\.[a-z]+$/i.exec(path) ?? [];
  const isTrain = !/^(?:val(?:id(?:ation)?)?|test|eval)(?:$|[_-])/i.test(folder);
  return { trainStep: step === undefined ? null : Number(step), split: isTrain ? "train" : "validation" };
}
