import { describe, expect, test } from "vitest";
import type { AvailableCredit } from "../../../src/core/credit/credit.ts";
import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import { member, turnOf } from "./trajectories.ts";

function creditOf(
  members: readonly BatchMember[],
  r: number,
  method: string,
  params: Record<string, unknown> = {},
): AvailableCredit {
  const credit = makeBatch(members).credit(method, params).credit(r);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit;
}

const text = (reward: number, group: string | null = "g"): BatchMember =>
  member(group, [textTurn("user", "Q", -1), textTurn("assistant", "A.\n\nB.", 0)], { reward });

describe("methods that give a whole response one number", () => {
  const group = [text(1), text(0), text(0), text(1)];

  test("GRPO: (1 − 0.5) / (√(1/3) + 1e-6), at every level that exists, without tokens too", () => {
    const { credit, level, turns } = creditOf(group, 0, "grpo");
    expect([credit, level]).toEqual([0.5 / (Math.sqrt(1 / 3) + 1e-6), "trajectory"]);
    expect(turns[0]).toEqual({ credit: NaN });
    expect(turns[1]!.steps).toEqual(new Float64Array([credit!, credit!]));
    expect(turns[1]!.tokens).toBeUndefined();
  });

  test("Dr.GRPO: R − mean; RLOO: R − mean of the others", () => {
    expect(creditOf(group, 1, "drGrpo").credit).toBe(-0.5);
    expect(creditOf(group, 1, "rloo").credit).toBeCloseTo(-2 / 3, 12);
  });

  test("a group of equal rewards gives 0 and says that it has no signal", () => {
    for (const method of ["grpo", "drGrpo", "rloo"]) {
      const { credit, flags } = creditOf([text(0.3), text(0.3), text(0.3)], 0, method);
      expect(credit).toBeCloseTo(0, 9);
      expect(flags).toEqual(["zero-variance"]);
    }
  });

  test("a group of one keeps its raw score in the release, 0 or nothing on request, and is flagged", () => {
    expect(creditOf([text(0.7)], 0, "grpo")).toMatchObject({
      credit: 0.7 / (1 + 1e-6),
      flags: ["singleton"],
    });
    expect(creditOf([text(0.7)], 0, "grpo", { singleton: "zero" }).credit).toBe(0);
    expect(creditOf([text(0.7)], 0, "grpo", { preset: "released:drGrpoRepo" }).flags).toEqual([
      "singleton",
      "non-finite",
    ]);
    expect(creditOf([text(0.7, null), text(0.1, null)], 0, "rloo")).toMatchObject({
      credit: 0.7,
      flags: ["singleton"],
    });
  });

  test("a member without reward is left out of the group's statistics, and both sides say so", () => {
    const members = [...group, text(NaN)];
    expect(creditOf(members, 0, "grpo")).toMatchObject({
      credit: 0.5 / (Math.sqrt(1 / 3) + 1e-6),
      flags: ["partial-group"],
    });
    expect(makeBatch(members).credit("grpo", {}).credit(4)).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.reward"],
    });
  });

  test("the sum of token rewards stands in for a missing outcome", () => {
    const dense = member("g", [turnOf("assistant", 3, { columns: { rewards: [0.5, NaN, 0.25] } })]);
    expect(creditOf([dense, text(0.25)], 0, "drGrpo").credit).toBe(0.25);
  });
});

describe("methods that count tokens", () => {
  const outcome = (reward: number, fields: Record<string, unknown> = {}): BatchMember =>
    member(
      "g",
      [
        turnOf("user", 2),
        turnOf("assistant", 2, { columns: { values: [0.5, 0.25] } }),
        textTurn("tool", "result", 1),
        turnOf("assistant", 2, { columns: { values: [0.75, 0.5] } }),
      ],
      { reward, ...fields },
    );

  test("are not available on text, and say what is missing", () => {
    const batch = makeBatch([text(1)]);
    expect(batch.missing(0, "gae")).toEqual(["token.mask", "token.values"]);
    expect(batch.missing(0, "tempo")).toEqual(["token.mask", "token.ids"]);
    expect(batch.missing(0, "reinforcePlusPlus")).toEqual(["token.mask"]);
    expect(batch.missing(0, "pure")).toEqual(["step.reward"]);
  });

  test("GAE by hand over a tool turn that has no tokens: it is passed by", () => {
    const { turns, flags } = creditOf([outcome(1)], 0, "gae", { stage: "raw", lambda: 0.5 });
    const last = 1 - 0.5;
    const third = 0.5 - 0.75 + 0.5 * last;
    const second = 0.75 - 0.25 + 0.5 * third;
    const first = 0.25 - 0.5 + 0.5 * second;
    expect(turns[0]).toEqual({ tokens: new Float64Array([NaN, NaN]) });
    expect([...turns[1]!.tokens!]).toEqual([first, second]);
    expect(turns[2]).toEqual({});
    expect([...turns[3]!.tokens!]).toEqual([third, last]);
    expect(flags).toEqual(["mask-holes"]);
  });

  test.each([
    ["gae", {}],
    ["biLevelGae", {}],
    ["reinforcePlusPlus", {}],
    ["reinforcePlusPlusBaseline", {}],
    ["gdpo", {}],
  ])("a batch of one trained token has nothing to whiten: %s gives 0 and warns", (method, params) => {
    const columns = { rewards: [1], values: [0.25] };
    const rewards = new Map([["format", 1]]);
    const one = member("g", [turnOf("assistant", 1, { columns })], { reward: 1, rewards });
    const { turns, flags } = creditOf([one], 0, method, params);
    expect(turns[0]!.tokens![0]).toBeCloseTo(0, 12);
    expect(flags).toContain("few-tokens");
  });

  test("GAE with holes ignored (OpenRLHF) sees a value of 0 at the tool", () => {
    const { turns } = creditOf([outcome(1)], 0, "gae", {
      stage: "raw",
      lambda: 0,
      preset: "released:openrlhf",
    });
    expect([...turns[1]!.tokens!]).toEqual([0.25 - 0.5, 0 - 0.25]);
  });

  test("GAE bootstraps a truncated trajectory only when asked to, and flags it", () => {
    const cut = { truncated: true, finalValue: 0.8 };
    const last = (params: Record<string, unknown>): number =>
      creditOf([outcome(0, cut)], 0, "gae", { stage: "raw", ...params }).turns[3]!.tokens![1]!;
    expect([last({}), last({ bootstrap: true })]).toEqual([-0.5, 0.8 - 0.5]);
    expect(creditOf([outcome(0, cut)], 0, "gae").flags).toContain("truncated");
  });

  test("REINFORCE++ carries the outcome over a tool turn; the older release loses it there", () => {
    const returns = (preset: string): number[] => {
      const run = makeBatch([outcome(1)]).credit("reinforcePlusPlus", { preset });
      return [...run.lane(0, "returns")];
    };
    expect(returns("released:verl")).toEqual([1, 1, 0, 1, 1]);
    expect(returns("released:verlOlder")).toEqual([0, 0, 1, 1, 1]);
  });

  test("turn rewards go to the turn's last trained token, the outcome is added unless they contain it", () => {
    const turns = (first: number, second: number): BatchMember["trajectory"]["turns"] => [
      turnOf("assistant", 2, { reward: first }),
      { ...textTurn("tool", "r", 0), reward: second },
      turnOf("assistant", 1),
    ];
    const rewards = (turnsOfIt: BatchMember["trajectory"]["turns"], reward: number): number[] => [
      ...makeBatch([member("g", turnsOfIt, { reward })])
        .credit("reinforcePlusPlus", {})
        .lane(0, "reward"),
    ];
    expect(rewards(turns(0.25, 0.5), 1)).toEqual([0, 0.75, 0, 1]);
    expect(rewards(turns(0.25, 0.75), 1)).toEqual([0, 1, 0, 0]);
  });

  test("a reward on a masked token is lost by return methods, and said", () => {
    const masked = member("g", [
      turnOf("assistant", 3, { mask: [1, 1, 0], columns: { rewards: [0, 0, 1] } }),
    ]);
    const { turns, flags } = creditOf([masked], 0, "reinforcePlusPlus", { whiten: false });
    expect([...turns[0]!.tokens!]).toEqual([0, 0, NaN]);
    expect(flags).toContain("reward-on-masked-token");
  });

  test("TEMPO credits the token at which a group's rollouts part", () => {
    const members = [
      [1, 2, 3],
      [1, 2, 4],
      [1, 5, 6],
    ].map((ids, r) => member("g", [turnOf("assistant", 3, { ids })], { reward: r === 0 ? 1 : 0 }));
    const credit = [...creditOf(members, 0, "tempo", { normalizeByStd: false }).turns[0]!.tokens!];
    // Mean 1/3; V(1) = 1/3, V(1 2) = 1/2, V(1 2 3) = 1.
    expect(credit.map((x) => Math.round(x * 1e9) / 1e9)).toEqual(
      [2 / 3, 2 / 3 + 1 / 6, 2 / 3 + 1 / 2].map((x) => Math.round(x * 1e9) / 1e9),
    );
  });
});

describe("PURE", () => {
  const scored = (steps: [number, number, number][], fields: Record<string, unknown> = {}): BatchMember =>
    member("g", [turnOf("assistant", 6, { steps })], fields);

  test("sum form without baseline is the suffix sum of 2p − 1, text after the last step gets none", () => {
    const { turns, level } = creditOf(
      [
        scored([
          [0, 2, 1],
          [2, 4, 0.25],
        ]),
      ],
      0,
      "pure",
      { form: "sum", baseline: "none" },
    );
    expect(level).toBe("step");
    expect([...turns[0]!.steps!]).toEqual([0.5, -0.5]);
    expect([...turns[0]!.tokens!]).toEqual([0.5, 0.5, -0.5, -0.5, NaN, NaN]);
  });

  test("the paper's form is the least step from here on", () => {
    const { turns } = creditOf(
      [
        scored([
          [0, 2, 0.9],
          [2, 4, 0.1],
          [4, 6, 0.7],
        ]),
      ],
      0,
      "pure",
      { form: "strict", baseline: "none" },
    );
    expect([...turns[0]!.steps!].map((x) => x.toFixed(6))).toEqual(["-0.800000", "-0.800000", "0.400000"]);
  });

  test("the soft form tends to the least step as the temperature falls", () => {
    const { turns } = creditOf(
      [
        scored([
          [0, 2, 0.9],
          [2, 4, 0.1],
          [4, 6, 0.7],
        ]),
      ],
      0,
      "pure",
      { temperature: 0.001, baseline: "none" },
    );
    expect([...turns[0]!.steps!].map((x) => x.toFixed(6))).toEqual(["-0.800000", "-0.800000", "0.000000"]);
  });

  test("works on text without tokens, but not the forms that need them", () => {
    const turn = {
      ...textTurn("assistant", "xxxx", -1),
      steps: turnOf("assistant", 4, { steps: [[0, 4, 0.8]] }).steps,
    };
    const batch = makeBatch([member("g", [turn]), member("g", [turn])]);
    expect(batch.credit("pure", {}).credit(0).status).toBe("ok");
    expect(batch.credit("pure", { baseline: "token" }).credit(0)).toMatchObject({ missing: ["token.mask"] });
  });

  test("takes a scorer's column where the log has none, and says so", () => {
    const own = scored([[0, 2, 0.9]]).trajectory.turns[0]!;
    const column = own.steps.columns.get("reward")!;
    const steps = { ...own.steps, columns: new Map([["prm@tiny", column]]) };
    const members = [member("g", [{ ...own, steps }])];
    expect(creditOf(members, 0, "pure", { baseline: "none" }).flags).toContain("source:tiny");
    expect(makeBatch(members).credit("pure", { source: "logged" }).credit(0)).toMatchObject({
      status: "unavailable",
    });
  });
});

test("a turn whose list of tokens is empty is as trained as one without tokens, and its steps with it", () => {
  const empty = {
    ...turnOf("assistant", 0),
    content: "xx",
    steps: turnOf("assistant", 2, { steps: [[0, 2, 1]] }).steps,
  };
  const [turn] = creditOf([member("g", [empty], { reward: 1 })], 0, "rloo").turns;
  expect([turn!.credit, [...turn!.steps!], [...turn!.tokens!]]).toEqual([1, [1], []]);
});

test("logged advantages are shown as they are, missing ones as missing", () => {
  const members = [member("g", [turnOf("assistant", 2, { columns: { advantages: [0.5, NaN] } })])];
  expect([...creditOf(members, 0, "logged").turns[0]!.tokens!]).toEqual([0.5, NaN]);
});

describe("TEMPO at a masked token before the first trained one", () => {
  const group = [1, 0].map((reward, r) =>
    member("g", [turnOf("assistant", 3, { ids: [9, 1, 2 + r], mask: [0, 1, 1] })], { reward }),
  );
  const credits = (holes: string): number[] => [
    ...creditOf(group, 0, "tempo", { normalizeByStd: false, holes }).turns[0]!.tokens!,
  ];

  test("a turn's scaffold is passed: ½ where both agree, then ½ more for the token that parts them", () => {
    expect(credits("stop")).toEqual([NaN, 0.5, 1]);
  });

  test("the released loop stops there: the plain advantage for all that follows", () => {
    expect(credits("stopAtOnce")).toEqual([NaN, 0.5, 0.5]);
  });
});

describe("adding a constant to the rewards of a group", () => {
  for (const method of ["grpo", "drGrpo", "rloo"]) {
    test(`leaves ${method} as it is where the group has two members or more`, () => {
      const shifted = [1, 0, 0.5].map((x) => text(x + 10));
      const plain = [1, 0, 0.5].map((x) => text(x));
      for (let r = 0; r < 3; r++)
        expect(creditOf(shifted, r, method).credit).toBeCloseTo(creditOf(plain, r, method).credit!, 9);
    });
  }
});

test("parameters that do not exist or do not fit are refused", () => {
  const batch = makeBatch([text(1)]);
  expect(() => batch.credit("grpo", { gamma: 1 })).toThrow('grpo has no parameter "gamma"');
  expect(() => batch.credit("grpo", { epsilon: "small" })).toThrow("grpo.epsilon takes a number");
  expect(() => batch.credit("gae", { lambda: 2 })).toThrow("gae.lambda takes a number from 0 to 1");
  expect(() => batch.credit("grpo", { preset: "released:nobody" })).toThrow("no preset");
  expect(() => batch.credit("__proto__", {})).toThrow("no credit method");
});
