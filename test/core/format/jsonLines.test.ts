import { describe, expect, test } from "vitest";
import { byteLines } from "../../../src/core/format/byteLines.ts";
import { rewardlens } from "../../../src/core/format/formats/rewardlens.ts";
import { alone, idsOf, issuesOf, memorySource, scanAll } from "./memorySource.ts";

const line = (id: string): string =>
  `{"schema":"rewardlens/1","id":"${id}","reward":1,"turns":[{"role":"assistant","content":"x"}]}`;

describe("a damaged file of lines", () => {
  test("a torn last line is left out and said", async () => {
    const records = await scanAll(rewardlens, `${line("a")}\n${line("b")}\n${line("c").slice(0, 30)}`);
    expect(idsOf(records)).toEqual(["a", "b"]);
    expect(issuesOf(records)).toEqual(["torn-line:3"]);
  });

  test("a last line without its newline is whole when it parses", async () => {
    const records = await scanAll(rewardlens, `${line("a")}\n${line("b")}`);
    expect(idsOf(records)).toEqual(["a", "b"]);
    expect(issuesOf(records)).toEqual([]);
  });

  test("a bad line in the middle costs that line alone, and its byte is right", async () => {
    const first = `${line("ä")}\n`;
    const records = await scanAll(rewardlens, `${first}{"schema": oops}\n${line("c")}\n`);
    expect(idsOf(records)).toEqual(["ä", "c"]);
    expect(records.flatMap(({ issues }) => issues)).toMatchObject([
      { code: "bad-json", line: 2, byte: new TextEncoder().encode(first).length },
    ]);
  });

  test("CRLF, a byte order mark and blank lines are no damage", async () => {
    const records = await scanAll(rewardlens, `\uFEFF${line("a")}\r\n\r\n${line("b")}\r\n\n`);
    expect(idsOf(records)).toEqual(["a", "b"]);
    expect(issuesOf(records)).toEqual([]);
    expect(records.map(({ locator }) => locator.line)).toEqual([1, 3]);
  });

  test("bare NaN is read as missing and said", async () => {
    const records = await scanAll(rewardlens, `${line("a").replace("1,", "NaN,")}\n`);
    expect(records[0]!.trajectories[0]!.reward).toBeNaN();
    expect(issuesOf(records)).toEqual(["non-finite:1"]);
  });

  test("bytes that are no text are left out or shown as broken, and said", async () => {
    const binary = new Uint8Array([
      ...new TextEncoder().encode(`${line("a")}\n`),
      0,
      1,
      2,
      255,
      10,
      ...new TextEncoder().encode(line("b")),
    ]);
    const records = await scanAll(rewardlens, binary);
    expect(idsOf(records)).toEqual(["a", "b"]);
    expect(issuesOf(records).every((issue) => issue.startsWith("damaged:2"))).toBe(true);
  });

  test("a line separator inside a string splits nothing", async () => {
    const records = await scanAll(rewardlens, `${line("a").replace('"x"', '"x\u2028y"')}\n`);
    expect(records[0]!.trajectories[0]!.turns[0]!.content).toBe("x\u2028y");
  });

  test("a record is loaded again from its place alone", async () => {
    const text = `${line("a")}\n${line("b")}\n`;
    const [, second] = await scanAll(rewardlens, text);
    const again = await rewardlens.load(memorySource(text), alone("log.jsonl"), [second!.locator]);
    expect(idsOf(again)).toEqual(["b"]);
  });
});

test("lines longer than a string can be are counted and not kept", async () => {
  const lines = [];
  for await (const one of byteLines(memorySource(`${"x".repeat(100)}\nshort\n`), undefined, 50))
    lines.push([one.line, one.bytes.length, one.tooLong]);
  expect(lines).toEqual([
    [1, 0, true],
    [2, 6, false],
  ]);
});

test("lines that span chunks are whole", async () => {
  const long = "y".repeat(3_000_000);
  const sizes = [];
  for await (const one of byteLines(memorySource(`a\n${long}\nb`))) sizes.push(one.bytes.length);
  expect(sizes).toEqual([2, 3_000_001, 1]);
});
