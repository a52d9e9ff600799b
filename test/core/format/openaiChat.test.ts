import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openaiChat } from "../../../src/core/format/formats/openaiChat.ts";
import { byteSpans } from "../../../src/core/format/openai/byteSpans.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { tokenSourceOf } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, issuesOf, scanAll } from "./memorySource.ts";

const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];

interface Entry {
  readonly token: string;
  readonly logprob: unknown;
  readonly bytes: unknown;
  readonly top_logprobs?: unknown;
}

function entry(token: string, bytes: readonly number[] | null = utf8(token), logprob: unknown = -1): Entry {
  return { token, logprob, bytes };
}

async function read(
  content: string | null,
  entries: readonly unknown[],
  choice: Record<string, unknown> = {},
): Promise<{ trajectory: Trajectory; issues: readonly string[] }> {
  const message = { role: "assistant", content };
  const record = { choices: [{ message, logprobs: { content: entries }, ...choice }] };
  const records = await scanAll(openaiChat, JSON.stringify(record));
  return { trajectory: records[0]!.trajectories[0]!, issues: issuesOf(records) };
}

describe("byteSpans", () => {
  test("a character whose bytes stand in three tokens belongs to all of them", () => {
    const pieces = [utf8("a"), [0xf0], [0x9f, 0x99], [0x82], utf8("b")].map((bytes) =>
      Uint8Array.from(bytes),
    );
    const { start, end } = byteSpans("a🙂b", pieces)!;
    expect([...start]).toEqual([0, 1, 1, 1, 3]);
    expect([...end]).toEqual([1, 3, 3, 3, 4]);
  });

  test("a token that ends inside one character and holds another covers both", () => {
    const [o, euro] = [utf8("ö"), utf8("€")];
    const pieces = [[o[0]!], [o[1]!, euro[0]!], euro.slice(1)].map((bytes) => Uint8Array.from(bytes));
    const { start, end } = byteSpans("ö€", pieces)!;
    expect([...start]).toEqual([0, 0, 1]);
    expect([...end]).toEqual([1, 2, 2]);
  });

  test("pieces that are not the text, or not all of it, have no place in it", () => {
    const of = (...texts: readonly string[]): unknown =>
      byteSpans(
        "ab",
        texts.map((text) => new TextEncoder().encode(text)),
      );
    expect(of("a")).toBeNull();
    expect(of("ac")).toBeNull();
    expect(of("abc")).toBeNull();
    expect(of("a", "b", "<|im_end|>")).not.toBeNull();
  });

  test("any text cut into any pieces is covered without a gap, in order", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(5)), (text, sizes) => {
        const bytes = new TextEncoder().encode(text);
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) pieces.push(bytes.slice(at, (at += size)));
        pieces.push(bytes.slice(at));
        const { start, end } = byteSpans(text, pieces)!;
        let covered = 0;
        pieces.forEach((piece, t) => {
          expect(start[t]!).toBeLessThanOrEqual(covered);
          expect(start[t]!).toBeGreaterThanOrEqual(t === 0 ? 0 : start[t - 1]!);
          covered = Math.max(covered, end[t]!);
          // Whole characters: the token's bytes lie in the bytes of its span.
          const inSpan = Buffer.from(text.slice(start[t], end[t]), "utf8");
          expect(inSpan.includes(Buffer.from(piece))).toBe(true);
        });
        expect(covered).toBe(text.length);
      }),
    );
  });
});

describe("OpenAI responses", () => {
  test("bytes that are null fall back to the token's text", async () => {
    const { trajectory, issues } = await read("Größe", [entry("Gr", null), entry("öße", null)]);
    expect([...trajectory.turns[0]!.tokens!.end]).toEqual([2, 5]);
    expect(issues).toEqual([]);
  });

  test("tokens that are not the content keep their numbers and lose their place", async () => {
    const { trajectory, issues } = await read("yes", [entry("no")]);
    const tokens = trajectory.turns[0]!.tokens!;
    expect([tokens.start[0], tokens.end[0], tokens.columns.get("logprobs")![0]]).toEqual([0, 0, -1]);
    expect(tokens.extra.get("token")).toEqual(["no"]);
    expect(issues).toEqual(["bad-field:1"]);
    expect(tokenSourceOf(trajectory)).toBe("logged");
  });

  test("−9999 is no logprob, and the trajectory says so; any other number is", async () => {
    const { trajectory } = await read("ab", [entry("a", utf8("a"), -9999), entry("b", utf8("b"), -9998.5)]);
    expect([...trajectory.turns[0]!.tokens!.columns.get("logprobs")!]).toEqual([NaN, -9998.5]);
    expect(trajectory.signals.get("logprobs")!.source).toContain("−9999");
    const plain = await read("a", [entry("a")]);
    expect(plain.trajectory.signals.size).toBe(0);
  });

  test("a logprob that is no number is missing, bytes that are none are passed over", async () => {
    const { trajectory } = await read("ab", [
      { token: "a", logprob: "x", bytes: [97.5] },
      { token: "b", logprob: null, bytes: [98, 300] },
    ]);
    const tokens = trajectory.turns[0]!.tokens!;
    expect([...tokens.end]).toEqual([1, 2]);
    expect([...tokens.columns.get("logprobs")!]).toEqual([NaN, NaN]);
  });

  test("ids of another number than logprobs are left out; ids alone are tokens", async () => {
    const wrong = await read("ab", [entry("a"), entry("b")], { token_ids: [1] });
    expect(wrong.trajectory.turns[0]!.tokens!.ids).toBeNull();
    expect(wrong.issues).toEqual(["bad-field:1"]);
    const alone = await read("ab", [], { token_ids: [7, 8, 9] });
    expect([...alone.trajectory.turns[0]!.tokens!.ids!]).toEqual([7, 8, 9]);
  });

  test("choices of one response are a group, one choice is none", async () => {
    const choice = { message: { role: "assistant", content: "x" } };
    const of = async (n: number): Promise<unknown> =>
      (await scanAll(openaiChat, JSON.stringify({ id: "r", choices: Array(n).fill(choice) })))
        .flatMap(({ trajectories }) => trajectories)
        .map(({ id, group, groupSource }) => [id, group, groupSource]);
    expect(await of(1)).toEqual([["r", null, "none"]]);
    expect(await of(2)).toEqual([
      ["r#0", "r", "line"],
      ["r#1", "r", "line"],
    ]);
  });

  test("what the model said before is not trained on, its answer is", async () => {
    const record = {
      messages: [
        { role: "assistant", content: "before" },
        { role: "user", content: "?" },
      ],
      choices: [{ message: { content: "now" } }],
    };
    const [first] = await scanAll(openaiChat, JSON.stringify(record));
    expect(first!.trajectories[0]!.turns.map(({ role, trainable }) => [role, trainable])).toEqual([
      ["assistant", false],
      ["user", false],
      ["assistant", true],
    ]);
  });

  test("messages without a response stay chat's; a batch that begins with a failure is recognised", async () => {
    const formatOf = async (record: unknown): Promise<string | undefined> =>
      sniffFormat(await headOfContent(JSON.stringify(record)))?.id;
    expect(await formatOf({ messages: [{ role: "user", content: "x" }] })).toBe("chat");
    expect(await formatOf({ messages: [{ role: "user", content: "x" }], choices: [] })).toBe("chat");
    expect(await formatOf({ custom_id: "a", response: null, error: { code: "x" } })).toBe("openaiChat");
    expect(await formatOf({ output: [{ type: "message", content: [] }] })).toBe("openaiChat");
    expect(await formatOf({ output: [], score: 1 })).toBeUndefined();
  });
});
