import { Ajv } from "ajv";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ScannedRecord } from "../../src/core/format/format.ts";
import { sniffFormat } from "../../src/core/format/registry.ts";
import type { TokenColumns } from "../../src/core/rollout/tokenColumns.ts";
import type { Trajectory } from "../../src/core/rollout/trajectory.ts";
import { headOfContent, scanAll } from "../core/format/memorySource.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(repository, path), "utf8");
const folder = mkdtempSync(join(tmpdir(), "rewardlens-logging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const doc = read("docs/logging.md");
const helper = read("tools/logging/rewardlens_log.py");
const blocks = [...doc.matchAll(/^```python\n([^]*?)^```$/gm)].map(([, code]) => code!);

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function python(args: readonly string[], input = "", rank?: string): Ran {
  const { RANK: _, ...rest } = process.env;
  const env = { ...rest, PYTHONDONTWRITEBYTECODE: "1", ...(rank === undefined ? {} : { RANK: rank }) };
  const { status, stdout, stderr } = spawnSync("python3", args, { input, env, encoding: "utf8" });
  return { code: status, out: stdout, error: stderr };
}

/** Says of each block its syntax error or "", and the names that it takes from the helper. */
const parser = `
import ast, json, sys
def names(tree):
    return [name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "rewardlens_log"
            for name in node.names]
def parse(code):
    try: return ["", names(ast.parse(code))]
    except SyntaxError as error: return [str(error), []]
print(json.dumps([parse(code) for code in json.load(sys.stdin)]))
`;

test("the helper in the page is the file", () => {
  expect(blocks.filter((code) => code.startsWith('"""Appends rollouts'))).toEqual([helper]);
});

test("every hook of the table is in the page, and every framework of it has a section", () => {
  const table = [...doc.matchAll(/^\| \[([^\]]+)\]\(#([^)]+)\) (.*)$/gm)];
  expect(table.length).toBe(17);
  const anchors = new Set([...doc.matchAll(/^### (.+)$/gm)].map(([, title]) => anchorOf(title!)));
  for (const [, , own, rest] of table) {
    const linked = [own!, ...[...rest!.matchAll(/\(#([^)]+)\)/g)].map(([, anchor]) => anchor!)];
    expect(linked.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  }
});

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}

const hasPython = python(["--version"]).code === 0;

describe.skipIf(!hasPython)(
  `what Python runs${hasPython ? "" : " (skipped: there is no python3 here)"}`,
  () => {
    let records: readonly ScannedRecord[] = [];
    let lines: readonly unknown[] = [];
    let trajectories: readonly Trajectory[] = [];

    beforeAll(async () => {
      const program = join(repository, "test/docs/rollouts.py");
      const { code, error } = python([program, join(repository, "tools/logging"), join(folder, "one")]);
      expect(error).toBe("");
      expect(code).toBe(0);
      const files = readdirSync(join(folder, "one"));
      expect(files).toHaveLength(1);
      const text = readFileSync(join(folder, "one", files[0]!), "utf8");
      lines = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
      const format = sniffFormat(await headOfContent(text, files[0]!))!;
      expect(format.id).toBe("rewardlens");
      records = await scanAll(format, text);
      trajectories = records.flatMap((record) => record.trajectories);
    });

    test("every block of the page compiles and takes only names that the helper has", () => {
      const { out } = python(["-c", parser], JSON.stringify(blocks));
      const parsed = JSON.parse(out) as [error: string, names: readonly string[]][];
      expect(parsed.map(([error]) => error).filter((error) => error !== "")).toEqual([]);
      const names = new Set(parsed.flatMap(([, taken]) => taken));
      expect([...names].filter((name) => !helper.includes(`\ndef ${name}(`))).toEqual([]);
      expect(parsed.filter(([, taken]) => taken.length > 0).length).toBeGreaterThanOrEqual(9);
    });

    test("every line fits the schema", () => {
      const check = new Ajv({ strict: false }).compile(
        JSON.parse(read("schemas/rewardlens-1.schema.json")) as object,
      );
      expect(lines).toHaveLength(49);
      for (const line of lines) {
        check(line);
        expect(check.errors ?? []).toEqual([]);
      }
    });

    test("only the column that is too short is an issue", () => {
      expect(
        records.flatMap(({ issues }) => issues.map(({ line, code, message }) => [line, code, message])),
      ).toEqual([
        [4, "bad-field", expect.stringContaining("turns[1].tokens.values has 2 entries for 3 tokens")],
      ]);
    });

    test("a character split over tokens belongs to both, a special token to none", () => {
      const one = trajectories[0]!;
      const tokens = tokensOf(one, 1);
      expect(one.turns[1]!.content).toBe(" a🙂 b");
      expect(spansOf(tokens)).toEqual([
        [0, 4],
        [2, 6],
        [6, 6],
      ]);
      expect([...tokens.ids!]).toEqual([300, 301, 256]);
      expect([...tokens.mask]).toEqual([1, 1, 0]);
      expect(columnsOf(tokens)).toEqual({
        logprobs: [-0.5, NaN, NaN],
        values: [0.25, 0.5, 0.1],
        advantages: [-0.75, -0.75, -0.75],
      });
    });

    test("ids are text, numbers numbers; components that are words go to the metadata", () => {
      const one = trajectories[0]!;
      expect(one).toMatchObject({ id: "7", group: "12", groupSource: "explicit", trainStep: 3, reward: 1 });
      expect(Object.fromEntries(one.rewards)).toEqual({ correct: 1, style: NaN, reward: 0.5 });
      expect(one.metadata).toEqual({ lr: [1e-6, null], tag: "x", rewards: { said: "A" } });
      expect(one.signals.size).toBe(0);
      const last = trajectories[8]!;
      expect(last).toMatchObject({ id: "turns", reward: -2, truncated: false, success: null });
      expect(last.turns[0]!.content).toBe("? lone");
    });

    test("what the policy did not write is a turn of its own, without numbers", () => {
      const { turns, signals, reward, rewards } = trajectories[1]!;
      expect(turns.map(({ role, content, trainable }) => [role, content, trainable])).toEqual([
        ["system", "", false],
        ["assistant", "as before", false],
        ["user", "Now?", false],
        ["assistant", "so", true],
        ["environment", "tool: né", false],
        ["assistant", "then 🙂", true],
      ]);
      expect(signals.get("turns")?.source).toBe("from the loss mask");
      expect([reward, rewards.size]).toEqual([NaN, 0]);
      expect(columnsOf(turns[3]!.tokens!)).toEqual({ logprobs: [0, 1, 2] });
      expect(columnsOf(turns[4]!.tokens!)).toEqual({});
      expect(columnsOf(turns[5]!.tokens!)).toEqual({
        logprobs: [13, 14, 15, 16, 17, 18, 19, 20, 21, 22],
      });
      expect(spansOf(turns[4]!.tokens!).slice(-3)).toEqual([
        [7, 8],
        [7, 8],
        [8, 8],
      ]);
      expect(spansOf(turns[5]!.tokens!).slice(-5)).toEqual([
        [5, 7],
        [5, 7],
        [5, 7],
        [5, 7],
        [7, 7],
      ]);
    });

    test("without a tokenizer, or with one whose text does not grow, tokens have no place", () => {
      const bare = trajectories[2]!;
      expect(bare).toMatchObject({ split: "validation", group: null, id: "L3", trainStep: null });
      expect(bare.turns.map(({ role, content }) => [role, content])).toEqual([["assistant", ""]]);
      expect(spansOf(tokensOf(bare, 0))).toEqual(Array.from({ length: 6 }, () => [0, 0]));
      expect(columnsOf(tokensOf(bare, 0))).toEqual({ values: [1, 2, 3, 4, 5, 6] });
      const cleaned = trajectories[5]!;
      expect(cleaned.turns[1]!.content).toBe("a,b");
      expect(spansOf(tokensOf(cleaned, 1))).toEqual(Array.from({ length: 4 }, () => [0, 0]));
    });

    test("a response without tokens is a turn", () => {
      const { turns } = trajectories[6]!;
      expect(turns.map(({ role, content }) => [role, content])).toEqual([
        ["prompt", ""],
        ["assistant", ""],
      ]);
      expect(turns[1]!.tokens!.n).toBe(0);
    });

    test("bytes that are no text are one character", () => {
      const broken = trajectories[4]!.turns[1]!;
      expect(broken.content).toBe("\uFFFDA\uFFFD");
      expect(spansOf(broken.tokens!).at(-1)).toEqual([2, 3]);
    });

    test("thousands of tokens stand where their bytes stand", () => {
      const { content, tokens } = trajectories[7]!.turns[1]!;
      expect(content).toBe(" é 🙂漢 word,".repeat(400).slice(1));
      const expected: (readonly [number, number])[] = [[0, 0]];
      let at = 0;
      for (const character of content) {
        const bytes = new TextEncoder().encode(character).length;
        for (let b = 0; b < bytes; b++) expected.push([at, at + character.length]);
        at += character.length;
      }
      expect(spansOf(tokens!)).toEqual(expected);
    });

    test("responses of any length are whole", () => {
      const lengths = trajectories.slice(9).map(({ turns }) => turns[1]!.content.length);
      expect(lengths).toEqual(Array.from({ length: 40 }, (_, i) => 30 + i));
    });

    test("two processes that write into one folder write two files", () => {
      const program = "import rewardlens_log as log; log.log_response([1], folder=__import__('sys').argv[1])";
      for (const rank of ["0", "1"]) {
        const path = `import sys; sys.path.insert(0, ${JSON.stringify(join(repository, "tools/logging"))});`;
        expect(python(["-c", `${path} ${program}`, join(folder, "two")], "", rank).error).toBe("");
      }
      const files = readdirSync(join(folder, "two")).sort();
      expect(files.map((name) => name.slice(0, 11))).toEqual(["rollouts-0-", "rollouts-1-"]);
    });
  },
);

function tokensOf(trajectory: Trajectory, turn: number): TokenColumns {
  return trajectory.turns[turn]!.tokens!;
}

function spansOf(tokens: TokenColumns): readonly (readonly [number, number])[] {
  return Array.from(tokens.start, (from, t) => [from, tokens.end[t]!] as const);
}

function columnsOf(tokens: TokenColumns): Record<string, readonly number[]> {
  return Object.fromEntries([...tokens.columns].map(([name, column]) => [name, [...column]]));
}
