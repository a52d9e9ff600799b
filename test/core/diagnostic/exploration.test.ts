import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contextVarianceShare,
  ellipticalBonuses,
  VisitCounts,
} from "../../../src/core/diagnostic/explorationBonus.ts";
import { ellipticalBonus } from "../../../src/core/diagnostic/metrics/ellipticalBonus.ts";
import { novelty } from "../../../src/core/diagnostic/metrics/novelty.ts";
import { revisits } from "../../../src/core/diagnostic/metrics/revisits.ts";
import { coverageOf, NoveltyArchive } from "../../../src/core/diagnostic/noveltyArchive.ts";
import { visitShares } from "../../../src/core/diagnostic/visits.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

describe("elliptical bonus", () => {
  test("of one number: b = φ²/C, then C grows by φ²", () => {
    // C = 0.5: 1/0.5 = 2; C = 1.5: 4/1.5; the episode ends, so C = 0.5 again.
    const bonuses = ellipticalBonuses([[1], [2], [1]], [false, true, false], { ridge: 0.5 });
    expect([...bonuses]).toEqual([2, 4 / 1.5, 2].map((x) => expect.closeTo(x, 12) as number));
  });

  test("falls each time the same features come again, and is never negative", () => {
    const phi = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(phi, (one) => {
        const bonuses = ellipticalBonuses([one, one, one], [], { ridge: 0.1 });
        expect(bonuses[2]).toBeGreaterThanOrEqual(-1e-9);
        expect(bonuses[1]).toBeLessThanOrEqual(bonuses[0]! + 1e-9);
        expect(bonuses[2]).toBeLessThanOrEqual(bonuses[1]! + 1e-9);
      }),
    );
  });

  test("counts give 1, 1/√2, 1/√3", () => {
    const counts = new VisitCounts();
    expect([counts.bonus("s"), counts.bonus("s"), counts.bonus("s"), counts.bonus("other")]).toEqual([
      1,
      1 / Math.sqrt(2),
      1 / Math.sqrt(3),
      1,
    ]);
  });

  test("all variance between contexts is 1, none 0, and without any it is unknown", () => {
    expect(
      contextVarianceShare([
        [1, 1],
        [0, 0],
      ]),
    ).toBe(1);
    expect(
      contextVarianceShare([
        [1, 0],
        [1, 0],
      ]),
    ).toBe(0);
    expect(contextVarianceShare([[1, 1], [1]])).toBeNaN();
    expect(contextVarianceShare([[1, 0]])).toBeNaN();
  });

  test("states are counted within a rollout and over the run", () => {
    const walk = (id: string) =>
      rollout(
        id,
        [
          turn("user", "room", { state: "a" }),
          turn("assistant", "go"),
          turn("user", "room", { state: "a" }),
          turn("assistant", "go"),
        ],
        { group: id, reward: 1 },
      );
    const { each, end } = measure(ellipticalBonus, batches([walk("x")], [walk("y")]));
    expect(each.map(({ evidence }) => evidence["episodic"])).toEqual([
      [1, 1 / Math.sqrt(2)],
      [1, 1 / Math.sqrt(2)],
    ]);
    expect(each[1]!.evidence["global"]).toEqual([1 / Math.sqrt(3), 1 / 2]);
    expect(each[0]!.missing).toEqual(["turn.features"]);
    expect([end[0]!.value, end[0]!.missing]).toEqual([NaN, ["trajectory.reward"]]);
  });
});

describe("novelty", () => {
  test("is the mean distance to the nearest of the archive, which has to hold something", () => {
    const archive = new NoveltyArchive(2);
    expect(archive.novelty([0, 0])).toBeNaN();
    for (const point of [
      [3, 4],
      [0, 1],
      [100, 0],
    ])
      archive.add(point);
    // Nearest two of 5, 1 and 100.
    expect(archive.novelty([0, 0])).toBe(3);
  });

  test("coverage counts cells reached, cells with reward, and those sought out again", () => {
    const behaviours = [
      { point: [0, 0], reward: 0 },
      { point: [1, 1], reward: 1 },
      { point: [0.9, 0.9], reward: 0 },
      { point: [0, 1], reward: 2 },
    ];
    expect(coverageOf(behaviours, 2, 0)).toEqual({
      cells: 4,
      reached: 3,
      coverage: 0.75,
      rewarded: 2,
      exploited: 1,
      exploitedShare: 0.5,
    });
  });

  test("compares a train step with those before it only", () => {
    const at = (x: number) => rollout(`at ${x}`, [], { more: { behavior: { x } } });
    const { each, end } = measure(novelty, batches([at(0), at(1)], [at(3)]));
    expect(each.map(({ value }) => value)).toEqual([NaN, NaN, 2.5]);
    expect(end).toHaveLength(1);
    expect(measure(novelty, batches([rollout("a", [])])).each[0]!.missing).toEqual(["trajectory.behavior"]);
  });
});

describe("revisits", () => {
  const step = (state: string, action: string) => ({ state, action });

  test("tell first visits from repeats of earlier episodes", () => {
    const shares = visitShares([
      [step("a", "go"), step("b", "go"), step("a", "go")],
      [step("a", "go"), step("b", "stay")],
    ]);
    // a·go comes twice in the first: 2 of 3 are first. In the second b·stay is new: 1 of 2, and 1 of 2 repeats.
    expect(shares).toEqual({
      firstVisits: [2 / 3, 1 / 2],
      repeatRate: 1 / 2,
      shift: expect.closeTo(1 / 6, 12) as number,
    });
  });

  test("order episodes by their number where all have one", () => {
    const visit = (id: string, episode: number, action: string) =>
      rollout(id, [turn("user", "", { state: "a" }), turn("assistant", action)], {
        group: "task",
        more: { episode },
      });
    const { end } = measure(revisits, batches([visit("late", 2, "go"), visit("early", 1, "go")]));
    expect(end[0]!.evidence["firstVisits"]).toEqual([1, 0]);
    expect(measure(revisits, batches([rollout("a", [turn("assistant", "go")])])).end[0]!.missing).toEqual([
      "turn.state",
      "trajectory.group",
    ]);
  });
});
