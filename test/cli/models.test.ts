import { Ajv } from "ajv";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundledModel } from "../scorer/program.ts";
import { type Ran, repository, runProgram } from "./program.ts";
import { buildScoringProgram } from "./scoringProgram.ts";

const broken = join(repository, "test", "fixtures", "brokenModels");
let root: string;
let folder: string;
let program: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "rewardlens-models-"));
  program = buildScoringProgram("cliModels");
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(root, "model-"));
});

function run(...args: readonly string[]): Ran {
  const env = { REWARDLENS_CACHE: join(root, "cache"), REWARDLENS_DATA: join(root, "data") };
  return runProgram(program, args, { cwd: repository, env });
}

function errorsOf(schema: string, line: unknown): unknown {
  const check = new Ajv({ strict: false }).compile(
    JSON.parse(readFileSync(join(repository, "schemas", schema), "utf8")) as object,
  );
  check(line);
  return check.errors ?? [];
}

/** A copy of the bundled model with another graph or manifest. */
function lay(graph: string | null, change: Record<string, unknown> = {}): string {
  cpSync(bundledModel, folder, { recursive: true });
  if (graph !== null) copyFileSync(join(broken, `${graph}.onnx`), join(folder, "model.onnx"));
  const file = join(folder, "rewardlens.model.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...manifest, ...change }));
  return folder;
}

/** A log of one rollout. */
function log(steps: readonly string[], prompt = "What is 2 + 3?"): string {
  const content = steps.join("\n");
  let at = 0;
  const spans = steps.map((step) => {
    const span = { start: at, end: at + step.length };
    at = span.end + 1;
    return span;
  });
  const file = join(folder, "log.jsonl");
  const turns = [
    { role: "user", content: prompt },
    { role: "assistant", content, trainable: true, steps: spans },
  ];
  writeFileSync(
    file,
    `${JSON.stringify({ format: "rewardlens/1", schema: "rewardlens/1", id: "a", turns })}\n`,
  );
  return file;
}

interface DryLine {
  readonly texts: readonly {
    readonly tokens: readonly {
      readonly id: number;
      readonly text: string;
      readonly source: string;
      readonly turn?: number;
      readonly step?: number;
      readonly span?: readonly [number, number];
    }[];
    readonly reads: readonly {
      readonly step?: number;
      readonly position: number;
      readonly token: number;
      readonly outputs: readonly number[];
      readonly score: number;
    }[];
    readonly windows: readonly Record<string, number>[];
  }[];
}

describe("models", () => {
  test("of a folder says each field with where it was found", () => {
    lay(null);
    rmSync(join(folder, "rewardlens.model.json"));
    const { code, lines } = run("models", folder, "--json");
    expect(code).toBe(0);
    expect(lines.map((line) => errorsOf("cli/models.schema.json", line))).toEqual([[]]);
    const [line] = lines as unknown as { fields: { field: string; source: string }[]; manifest: object }[];
    const sources = Object.fromEntries(line!.fields.map(({ field, source }) => [field, source]));
    expect(sources).toMatchObject({
      head: "config.json architectures",
      read: "tokenizer.json",
      "output.name": "model file",
      "output.index": "config.json id2label",
    });
    expect(errorsOf("rewardlens.model.schema.json", line!.manifest)).toEqual([]);
  });

  test("of a folder that says too little names what is missing, and prints a manifest to fill in", () => {
    lay("right");
    rmSync(join(folder, "rewardlens.model.json"));
    writeFileSync(join(folder, "config.json"), "{}");
    const { lines } = run("models", folder, "--json");
    // Two labels a position are a classifier's, and its mark is in the vocabulary: nothing is missing.
    expect(lines[0]).toMatchObject({ head: "tokenClassification", missing: [] });
    const words = { model: { type: "BPE", vocab: { a: 0 }, merges: [] } };
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(words));
    const [line] = run("models", folder, "--json").lines;
    expect(errorsOf("cli/models.schema.json", line)).toEqual([]);
    expect(line).toMatchObject({
      missing: [{ id: "mark", field: "read.mark" }],
      manifest: { schema: "rewardlens.model/1", read: { mark: "…" } },
    });
    const { text } = run("models", folder);
    expect(text).toContain("read.mark: missing. Which token stands behind each step");
    expect(text).toContain('"mark": "…"');
    expect(run("score", "samples/verl-run", "--model", folder).said).toContain("do not tell read.mark");
  });

  test("goes on after a folder that is none, and says so with 2", () => {
    const { code, lines, said } = run("models", join(root, "nowhere"), bundledModel, "--json");
    expect(code).toBe(2);
    expect(said).toContain("nowhere: is missing");
    expect(lines.map(({ id }) => id)).toEqual(["arithmetic-starter"]);
  });
});

describe("score --dry-run", () => {
  test("shows each token of a rollout, the marks behind its steps, and the score that scoring gives", () => {
    lay(null);
    const file = log(["2 + 3 = 5", "The answer is 5."]);
    const { code, lines, said } = run(
      "score",
      file,
      "--model",
      bundledModel,
      "--device",
      "cpu",
      "--dry-run",
      "--id",
      `${file}::a`,
      "--json",
    );
    expect(said).toBe("");
    expect(code).toBe(0);
    expect(lines.map((line) => errorsOf("cli/dryRun.schema.json", line))).toEqual([[]]);
    const [{ texts }] = lines as unknown as [DryLine];
    const { tokens, reads, windows } = texts[0]!;
    expect(windows).toHaveLength(1);
    // <bos> prompt <sol> step <step> step <step>, as the model's manifest lays it out.
    const marks = tokens.flatMap(({ source }, t) => (source === "mark" ? [t] : []));
    expect(marks).toHaveLength(2);
    expect(reads.map(({ position, token, step }) => [position, token, step])).toEqual([
      [marks[0], marks[0], 0],
      [marks[1], marks[1], 1],
    ]);
    const content = "2 + 3 = 5\nThe answer is 5.";
    const own = tokens.filter(({ turn, source }) => turn === 1 && source === "log");
    for (const { text, span } of own) expect(content.slice(...span!)).toBe(text);
    expect(own.map(({ text }) => text).join("")).toBe("2 + 3 = 5The answer is 5.");
    const [scored] = run("score", file, "--model", bundledModel, "--device", "cpu", "--json")
      .lines as unknown as {
      turns: { steps?: Record<string, number>[] }[];
    }[];
    for (const [k, { outputs, score }] of reads.entries()) {
      const [wrong, right] = outputs as [number, number];
      expect(score).toBe(scored!.turns[1]!.steps![k]!["prm@arithmetic-starter"]);
      expect(1 / (1 + Math.exp(wrong - right))).toBeCloseTo(score, 6);
    }
  });

  test("in words keeps to a line a run, whatever a log says", () => {
    lay(null);
    const hostile = "a\u202Eb\u0000 <step> \u001B[31mred\u2028x";
    const file = log([hostile, "5"]);
    const { text } = run("score", file, "--model", bundledModel, "--device", "cpu", "--dry-run");
    expect(text).toContain("◆");
    expect(text.match(/◆/g)).toHaveLength(2);
    // eslint-disable-next-line no-control-regex
    expect(text.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f\u202a-\u202e\u2028\u2029]/);
    expect(text).toMatch(/↳ turn 2, step 1 \[0, \d+\): read at position \d+: \[.*\] → /);
  });

  test("tells the windows of a text that is longer than the model takes, and what was cut of the prompt", () => {
    lay("right", { limits: { maxTokens: 32 }, inputs: { mask: null } });
    const file = log(["1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9"], "0 ".repeat(40));
    const { lines, said } = run("score", file, "--model", folder, "--device", "cpu", "--dry-run", "--json");
    expect(said).toBe("");
    const { tokens, reads, windows } = (lines[0] as unknown as DryLine).texts[0]!;
    expect(windows.length).toBeGreaterThan(1);
    for (const { before, from, to } of windows) expect(before! + to! - from!).toBeLessThanOrEqual(32);
    expect(windows[0]!["left_out"]).toBeGreaterThan(0);
    expect(windows.at(-1)!["to"]).toBe(tokens.length);
    // The weight is 0.001, so the two labels of a mark are ± a thousandth of its id.
    for (const { position, outputs } of reads)
      expect(outputs.map((x) => Math.round(x * 1000))).toEqual([tokens[position]!.id, -tokens[position]!.id]);
  });

  test("says which rollout there is not, and what --id is for", () => {
    const file = log(["5"]);
    const missing = run("score", file, "--model", bundledModel, "--dry-run", "--id", `${file}::b`);
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.said).toContain("log.jsonl::b: there is no such rollout");
    expect(run("score", file, "--model", bundledModel, "--id", `${file}::a`).said).toContain(
      "--dry-run only",
    );
  });
});

describe("a model that cannot be run is refused with 3, its file's name and what to do", () => {
  test.each([
    [
      "unknown-operator",
      {},
      /model\.onnx: cannot be loaded \(.*NoSuchOperator.*Copy the file again, or correct/,
    ],
    ["other-names", {}, /model\.onnx: has no input "input_ids"; it has tokens_in/],
    [
      "extra-input",
      { inputs: { mask: null } },
      /needs an input "pixel_values", which the manifest does not name/,
    ],
    [
      "right",
      { inputs: { mask: null }, output: { name: "scores" } },
      /has no output "scores"; it has logits/,
    ],
    [
      "right",
      {
        inputs: { mask: null },
        template: { eachStep: ["{step}", { token: "two words" }] },
        read: { at: "mark", mark: "two words" },
      },
      /tokenizer\.json: has no token "two words".*as text it is \d+ tokens.*Correct rewardlens\.model\.json/,
    ],
    [
      "right",
      { inputs: { mask: null }, head: "candidateTokens", output: { candidates: ["+", "-", "="] } },
      /does not fit its manifest: the model gives 2 logits a position: neither one for each of the 3 candidates/,
    ],
  ] as const)("%s %j", (graph, change, words) => {
    lay(graph, change);
    const file = log(["5"]);
    const { code, said } = run("score", file, "--model", folder, "--device", "cpu");
    expect(said).toMatch(words);
    expect(code).toBe(3);
  });
});
