import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attachScores } from "../../src/core/head/attachScores.ts";
import { headOf, heads } from "../../src/core/head/registry.ts";
import { scorerOf } from "../../src/core/head/scorer.ts";
import { scoreTextOf } from "../../src/core/head/scoreText.ts";
import type { Trajectory } from "../../src/core/rollout/trajectory.ts";
import type { LoadOptions, ScoredItem } from "../../src/protocol/scorer.ts";
import { SequenceBuilder } from "../../src/scorer/sequenceBuilder.ts";
import { readChatTemplate } from "../../src/scorer/template/readChatTemplate.ts";
import { ModelTokenizer } from "../../src/scorer/tokenizer/modelTokenizer.ts";
import { LocalScorers } from "../../src/scorerClient/localScorers.ts";
import { readModelFolder } from "../../src/scorerClient/modelFolder.ts";
import { loadTrajectories } from "../../src/store/loadTrajectories.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import { casesOf, fixtureNames, modelFixtures, type ModelCase, scoredNumbers } from "./modelFixtures.ts";
import { buildScorer } from "./program.ts";

const options: LoadOptions = { device: "cpu", threads: 1 };
const never = new AbortController().signal;
/** Of a score and torch's, both of single precision. */
const tolerance = 1e-4;
let folder: string;
let scorers: LocalScorers;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-heads-"));
  scorers = new LocalScorers({
    scorerFile: buildScorer("heads"),
    cacheFolder: join(folder, "cache"),
    log: () => {},
  });
});
afterAll(async () => {
  await scorers.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** The rollouts of cases as a log gives them. */
async function trajectoriesOf(name: string, cases: readonly ModelCase[]): Promise<readonly Trajectory[]> {
  const log = join(folder, `${name}.jsonl`);
  writeFileSync(log, cases.map(({ rollout }) => `${JSON.stringify(rollout)}\n`).join(""));
  const root = await OpenRoot.open(log, null);
  const members = root.runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
  const loaded = await loadTrajectories(members);
  return cases.map(
    ({ rollout }) => loaded.find(({ trajectory }) => trajectory.id === rollout.id)!.trajectory,
  );
}

/** Ids of the texts that are read for a rollout, as the scorer's process makes them. */
async function idsOf(name: string, trajectory: Trajectory): Promise<number[][]> {
  const { files } = await readModelFolder(join(modelFixtures, name));
  const json = (path: string): Record<string, unknown> =>
    JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const config = json(join(modelFixtures, name, "tokenizer_config.json"));
  const tokenizer = new ModelTokenizer(json(files.tokenizer), config);
  const builder = new SequenceBuilder(files.manifest, tokenizer, await readChatTemplate(files, config));
  const { item } = scoreTextOf(trajectory, scorerOf(files.manifest), undefined);
  const texts = headOf(files.manifest.head)!.texts?.(item, files.manifest) ?? [item];
  return texts.map((text) => {
    const { before, ids } = builder.build(text);
    return [...before, ...ids];
  });
}

/** Equal but for numbers, which may differ by `tolerance`; what is null is null. */
function expectClose(found: unknown, wanted: unknown, place: string): void {
  if (typeof wanted === "number" && typeof found === "number") {
    expect(Math.abs(found - wanted), `${place}: ${found} for ${wanted}`).toBeLessThanOrEqual(tolerance);
  } else if (typeof wanted === "object" && wanted !== null && typeof found === "object" && found !== null) {
    expect(Object.keys(found).toSorted(), place).toEqual(Object.keys(wanted).toSorted());
    for (const [key, value] of Object.entries(wanted))
      expectClose((found as Record<string, unknown>)[key], value, `${place}.${key}`);
  } else {
    expect(found, place).toBe(wanted);
  }
}

describe.each(fixtureNames())("%s", (name) => {
  const cases = casesOf(name);
  let trajectories: readonly Trajectory[];
  let scored: readonly (ScoredItem | null)[];
  let attached: readonly Trajectory[];

  beforeAll(async () => {
    trajectories = await trajectoriesOf(name, cases);
    const { files } = await readModelFolder(join(modelFixtures, name));
    const { manifest } = files;
    const source = await scorers.open(join(modelFixtures, name));
    const texts = trajectories.map((one) => scoreTextOf(one, scorerOf(manifest), undefined));
    // All at once: padding beside a longer text must change nothing.
    scored = await source.score(
      texts.map(({ item }) => item),
      options,
      never,
    );
    const attaching = { scorer: scorerOf(manifest), segmentation: undefined };
    attached = trajectories.map((one, i) => attachScores(one, texts[i]!.places, scored[i]!, attaching));
  });

  test.each(cases.map(({ rollout: { id } }, i) => [id, i] as const))(
    "reads the ids its own code feeds it: %s",
    async (_, i) => {
      const ids = await idsOf(name, trajectories[i]!);
      expect(ids).toEqual(cases[i]!.ids);
      expect(scored[i]!.tokens).toBe(ids.reduce((sum, { length }) => sum + length, 0));
    },
  );

  test.each(cases.map(({ rollout: { id } }, i) => [id, i] as const))(
    "gives torch's numbers at the same characters: %s",
    (_, i) => {
      const { tokens, steps = [], turns = [], trajectory = {} } = cases[i]!;
      const found = scoredNumbers(attached[i]!, name);
      expectClose(found.tokens, tokens, "tokens");
      expectClose(found.steps, steps, "steps");
      expectClose(found.turns, turns, "turns");
      expectClose(found.trajectory, trajectory, "trajectory");
    },
  );
});

test("rollouts of one prompt, computed once, have the numbers that each has by itself", async () => {
  const name = "cachedPrm";
  const cases = casesOf(name);
  const { manifest } = (await readModelFolder(join(modelFixtures, name))).files;
  const source = await scorers.open(join(modelFixtures, name));
  const trajectories = await trajectoriesOf(`${name}-often`, cases);
  const scorer = scorerOf(manifest);
  const texts = trajectories.map((one) => scoreTextOf(one, scorer, undefined));
  const often = [0, 1, 2, 1, 0, 2, 2, 0];
  const scored = await source.score(
    often.map((i) => texts[i]!.item),
    options,
    never,
  );
  often.forEach((i, k) => {
    const whole = attachScores(trajectories[i]!, texts[i]!.places, scored[k]!, {
      scorer,
      segmentation: undefined,
    });
    expectClose(scoredNumbers(whole, name).steps, cases[i]!.steps, "steps");
  });
});

test("every head has a fixture", async () => {
  const used = await Promise.all(
    fixtureNames().map(
      async (name) => (await readModelFolder(join(modelFixtures, name))).files.manifest.head,
    ),
  );
  expect(heads.map(({ id }) => id).filter((id) => !used.includes(id))).toEqual([]);
});
