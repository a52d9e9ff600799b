import { describe, expect, test } from "vitest";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { laneChoices, shownLane } from "../../../src/core/credit/shownLane.ts";
import { member, turnOf } from "./trajectories.ts";

const members = [1, 0].map((reward, r) =>
  member(
    "g",
    [
      turnOf("assistant", 3, { columns: { values: [0.5, 0.25, 0] }, mask: [1, 0, 1] }),
      turnOf("tool", 1),
      turnOf("assistant", 1 + r, { columns: { values: r === 0 ? [0.5] : [0.5, 0.5] } }),
    ],
    { reward },
  ),
);
const batch = makeBatch(members);

function shown(method: string, lane: string, r = 0) {
  const credit = shownLane(batch, method, {}, lane).credit(r);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit;
}

describe("a lane in the place of the credit", () => {
  test("the credit itself", () => {
    expect(shown("grpo", "credit")).toEqual(batch.credit("grpo", {}).credit(0));
  });

  test("a rollout's lane is at every trained token, as a rollout's credit is", () => {
    const { credit, level, turns } = shown("grpo", "mean");
    expect([credit, level]).toEqual([0.5, "trajectory"]);
    expect([...turns[0]!.tokens!]).toEqual([0.5, NaN, 0.5]);
  });

  test("a token lane is at its tokens, and has no number for the whole", () => {
    const { credit, level, turns } = shown("gae", "value");
    expect([credit, level]).toEqual([undefined, "token"]);
    expect([...turns[0]!.tokens!]).toEqual([0.5, NaN, 0]);
    expect([...turns[2]!.tokens!]).toEqual([0.5]);
  });

  test("token pressure: A over the number of trained tokens of the batch, 3 + 4 = 7", () => {
    const advantage = batch.credit("grpo", {}).credit(0);
    const { turns } = shown("grpo", "pressure.pressure");
    const a = advantage.status === "ok" ? advantage.credit! : NaN;
    expect(turns[2]!.tokens![0]).toBeCloseTo(a / 7, 12);
    expect(turns[0]!.tokens![1]).toBeNaN();
  });

  test("a lane that the log lacks the signals for is not available, and says which", () => {
    expect(shownLane(batch, "grpo", {}, "pressure.klPressure").credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["token.logprobs", "token.ref_logprobs"],
    });
  });

  test("parts that views stack come first; what is one number for the batch, or not there, is not offered", () => {
    const ids = laneChoices(batch.credit("gae", {})).map(({ id }) => id);
    expect(ids[0]).toBe("credit");
    expect(ids).toContain("returns");
    expect(ids).toContain("pressure.pressure");
    expect(ids).not.toContain("spread");
    expect(() => shownLane(batch, "gae", {}, "spread")).toThrow("no lane");
    expect(() => shownLane(batch, "gae", {}, "__proto__")).toThrow("no lane");
  });

  test("the scale is that of the lane", () => {
    expect(Math.max(...shownLane(batch, "gae", {}, "value").magnitudes())).toBe(0.5);
  });
});
