import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadTrajectories } from "../../src/store/loadTrajectories.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rewardlens-joins-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, ...lines: readonly object[]): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/** An episode of one prompt token and two sampled ones. */
function episode(id: string, ids: readonly [number, number, number], advantages?: readonly number[]): object {
  const [asked, ...sampled] = ids;
  const credit = advantages === undefined ? {} : { advantages };
  return {
    id,
    env: { id: "e" },
    task: { type: "T", data: { prompt: "What?" } },
    group: { id: "g" },
    run: { type: "train", id: "r", work: { type: "train", step: 3 } },
    ok: true,
    errors: [],
    traces: [
      {
        version: 1,
        id: `t-${id}`,
        agent: { config: {}, name: "agent", trainable: true },
        nodes: [
          {
            message: { role: "user", content: "What?" },
            sampled: false,
            token_ids: [asked],
            mask: [false],
            logprobs: [],
          },
          {
            parent: 0,
            message: { role: "assistant", content: "That." },
            sampled: true,
            token_ids: sampled,
            mask: [true, true],
            logprobs: [-0.1, -0.2],
            ...credit,
          },
        ],
        rewards: { right: { score: 1, weight: 1 } },
        metrics: {},
        calls: [],
      },
    ],
  };
}

function exported(ids: readonly [number, number, number], entropy: readonly number[], step = 3): object {
  const zeros = ids.map(() => 0);
  return {
    schema_version: 1,
    step,
    rank: 0,
    token_ids: ids,
    position_ids: [0, 1, 2],
    loss_mask: [false, true, true],
    advantages: zeros,
    inference_logprobs: zeros,
    trainer_logprobs: zeros,
    entropy,
  };
}

const rolloutsOf = async (): Promise<
  readonly (readonly [id: string, file: string, names: readonly string[]])[]
> => {
  const { runs } = await OpenRoot.open(folder, null);
  const members = runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
  const loaded = await loadTrajectories(members);
  return loaded.map(({ trajectory }, i) => [
    trajectory.id,
    members[i]!.file.path.slice(folder.length + 1),
    trajectory.turns.flatMap(({ tokens }) => [...(tokens?.columns.keys() ?? [])]),
  ]);
};

describe("a run's folder", () => {
  test("joins what the trainer exported of tokens to the episode with the same tokens, of the same step", async () => {
    write("rollouts/step_3/train/effective/traces.jsonl", episode("a", [1, 2, 3]), episode("b", [1, 4, 5]));
    write(
      "token_exports/step_3/rank_0.jsonl",
      exported([1, 4, 5], [0.5, 0.25, 0.125]),
      exported([7, 8, 9], [1, 1, 1]),
      exported([1, 2, 3], [0, 0, 0], 4),
    );
    const found = await rolloutsOf();
    const names = new Map(found.map(([id, file, columns]) => [`${file.split("/")[0]} ${id}`, columns]));
    // The first has no other half, the second has, and what was exported of other tokens or at another step stands alone.
    expect([...names.keys()]).toEqual([
      "rollouts t-a",
      "rollouts t-b",
      "token_exports L2",
      "token_exports L3",
    ]);
    expect(names.get("rollouts t-a")).not.toContain("entropy");
    expect(names.get("rollouts t-b")).toContain("entropy");
    const [, second] = (await OpenRoot.open(folder, null)).runs[0]!.batches[0]!.members;
    const [{ trajectory }] = (await loadTrajectories([second!])) as [
      Awaited<ReturnType<typeof loadTrajectories>>[0],
    ];
    expect([...trajectory.turns[1]!.tokens!.columns.get("entropy")!]).toEqual([0.25, 0.125]);
    // What the episode logs itself stays.
    expect([...trajectory.turns[1]!.tokens!.columns.get("logprobs")!]).toEqual([-0.1, -0.2]);
  });

  test("lists an episode once, with its credit, though it stands in two files", async () => {
    write("rollouts/step_3/train/all/traces.jsonl", episode("a", [1, 2, 3]), episode("b", [1, 4, 5]));
    write("rollouts/step_3/train/effective/traces.jsonl", episode("a", [1, 2, 3], [0.5, -0.5]));
    expect((await rolloutsOf()).map(([id, file]) => [id, file.split("/")[3]])).toEqual([
      ["t-b", "all"],
      ["t-a", "effective"],
    ]);
  });
});
