import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram, repository } from "./program.ts";

// What the command line does as a program among others: files, pipes, signals, permissions.
const example = join(repository, "samples/first-run/worked-example.jsonl");
let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-pipes-"));
  chmodSync(folder, 0o755);
  program = buildProgram(join(folder, "cli.mjs"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

function run(args: readonly string[], options: { readonly uid?: number; readonly cwd?: string } = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...options,
  });
  return { code: status, out: stdout, said: stderr };
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
}

const native = (id: string, fields: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ schema: "rewardlens/1", id, ...fields, turns: [{ role: "assistant", content: "x" }] })}\n`;

/** A log whose export is far larger than any pipe's buffer. */
function longLog(): string {
  const path = join(folder, "long.jsonl");
  const metadata = "m".repeat(100_000);
  writeFileSync(path, Array.from({ length: 200 }, (_, i) => native(`r${i}`, { metadata })).join(""));
  return path;
}

describe("export --out", () => {
  test("never writes over a log that it reads", () => {
    const path = join(folder, "own.jsonl");
    copyFileSync(example, path);
    for (const out of [path, "./own.jsonl"]) {
      const { code, said } = run(["export", path, "--out", out]);
      expect([code, said]).toEqual([
        2,
        `rewardlens: ${out}:0: is one of the logs that are read; write to another file.\n`,
      ]);
    }
    expect(readFileSync(path, "utf8")).toBe(readFileSync(example, "utf8"));
  });

  test("may write into the folder it reads, and does not read what it writes", () => {
    mkdirSync(join(folder, "logs"));
    copyFileSync(example, join(folder, "logs", "a.jsonl"));
    expect(run(["export", "logs", "--out", "logs/out.jsonl"]).code).toBe(0);
    expect(readFileSync(join(folder, "logs/out.jsonl"), "utf8").trim().split("\n").length).toBe(10);
  });

  test("says what is wrong with a place that cannot be written to", () => {
    for (const out of ["none/out.jsonl", folder]) {
      const { code, said } = run(["export", example, "--out", out]);
      expect([code, said.startsWith(`rewardlens: ${out}:0: cannot be written`)]).toEqual([2, true]);
    }
  });

  test.skipIf(process.platform !== "linux")("says so when the disk is full", () => {
    const { code, said } = run(["export", longLog(), "--out", "/dev/full"]);
    expect([code, said.includes("ENOSPC")]).toEqual([2, true]);
  });

  test("gives rollouts of several files ids that differ, and keeps the roots apart as runs", () => {
    writeFileSync(join(folder, "x.jsonl"), native("a"));
    writeFileSync(join(folder, "y.jsonl"), native("a", { run: "own" }));
    const { out } = run(["export", "x.jsonl", "y.jsonl"]);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ id, run: name }) => [id, name])).toEqual([
      ["a", "x.jsonl"],
      ["y.jsonl/a", "own"],
    ]);
  });
});

test("export keeps files without train steps apart: each was a batch of its own", () => {
  mkdirSync(join(folder, "stepless"));
  for (const name of ["a", "b"])
    writeFileSync(join(folder, "stepless", `${name}.jsonl`), native(name, { group: "g", reward: 1 }));
  expect(run(["export", "stepless", "--out", "all.jsonl"]).code).toBe(0);
  const credit = (path: string): readonly unknown[] =>
    run(["credit", path, "--method", "rloo", "--json"])
      .out.trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { flags: unknown }).flags);
  expect(credit("stepless")).toEqual([["singleton"], ["singleton"]]);
  expect(credit("all.jsonl")).toEqual(credit("stepless"));
});

describe("standard output", () => {
  test("that is closed early is no failure", async () => {
    const child = start(["export", longLog()]);
    child.stdout!.once("data", () => child.stdout!.destroy());
    let said = "";
    child.stderr!.on("data", (chunk) => (said += String(chunk)));
    const [code] = (await once(child, "close")) as [number];
    expect([code, said]).toEqual([0, ""]);
  });

  test("that is read slowly gets every line whole", async () => {
    const child = start(["export", longLog()]);
    let text = "";
    for await (const chunk of child.stdout!) {
      text += String(chunk);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const ids = text
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(Array.from({ length: 200 }, (_, i) => `r${i}`));
  });

  test("ends with 130 on an interrupt", async () => {
    const child = start(["export", longLog()]);
    // Unread, the pipe fills, and the program waits.
    await once(child.stdout!, "readable");
    child.kill("SIGINT");
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(130);
    child.stdout!.destroy();
  });
});

describe("a path", () => {
  test("without read permission is named, and the others go on", () => {
    const logs = join(folder, "mixed");
    mkdirSync(join(logs, "locked"), { recursive: true });
    writeFileSync(join(logs, "open.jsonl"), native("a"));
    writeFileSync(join(logs, "secret.jsonl"), native("b"));
    writeFileSync(join(logs, "locked", "c.jsonl"), native("c"));
    for (const path of ["secret.jsonl", "locked"]) chmodSync(join(logs, path), 0o000);
    // Root may read everything, so there the program runs as nobody.
    const options = process.getuid?.() === 0 ? { uid: 65534 } : {};
    const { code, out, said } = run(["info", "mixed", "--json"], options);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ file, format, issues }) => [file, format, (issues as unknown[]).length])).toEqual([
      ["mixed/open.jsonl", "rewardlens", 0],
      ["mixed/locked", null, 1],
      ["mixed/secret.jsonl", null, 1],
    ]);
    expect([code, statSync(logs).isDirectory()]).toEqual([2, true]);
    expect(said).toContain("rewardlens: mixed/secret.jsonl:0: may not be read: ask for read permission.\n");
    for (const path of ["secret.jsonl", "locked"]) chmodSync(join(logs, path), 0o755);
  });

  test("is printed as given, and names a rollout however it is written", () => {
    writeFileSync(join(folder, "w.jsonl"), native("a::b", { reward: 1 }) + native("c", { reward: 0 }));
    for (const id of ["w.jsonl::a::b", "./w.jsonl::a::b", `${join(folder, "w.jsonl")}::a::b`]) {
      const { code, out } = run(["credit", "./w.jsonl", "--method", "grpo", "--id", id, "--json"]);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ file: "./w.jsonl", id: "a::b" });
    }
    expect(run(["credit", "w.jsonl", "--method", "grpo", "--id", "w.jsonl::b"]).code).toBe(2);
  });

  test("of nothing but damage is exit 2 with the first damage's line", () => {
    writeFileSync(join(folder, "two.jsonl"), native("a").replace("rewardlens/1", "rewardlens/2"));
    const { code, said } = run(["info", "two.jsonl", "--json"]);
    expect([code, said.startsWith("rewardlens: two.jsonl:1: This line has schema")]).toEqual([2, true]);
  });
});

test("a batch reaches over the files of a folder, and lines come in file order", () => {
  mkdirSync(join(folder, "steps"));
  for (const [name, reward] of [
    ["1", 1],
    ["2", 0],
    ["10", 0.5],
  ] as const)
    writeFileSync(
      join(folder, "steps", `${name}.jsonl`),
      native(name, { group: "g", train_step: 1, reward }),
    );
  const { out } = run(["credit", "steps", "--method", "drGrpo,rloo", "--json"]);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ id, method, credit }) => [id, method, credit])).toEqual([
    ["1", "drGrpo", 0.5],
    ["1", "rloo", 0.75],
    ["2", "drGrpo", -0.5],
    ["2", "rloo", -0.75],
    ["10", "drGrpo", 0],
    ["10", "rloo", 0],
  ]);
});

test("help is there for the program and for each command, and wrong use goes to standard error", () => {
  expect(run(["--help"])).toMatchObject({ code: 0, said: "" });
  for (const command of ["formats", "methods", "info", "export", "credit"])
    expect(run([command, "--help"]).out).toContain(`usage: rewardlens ${command}`);
  expect(run([])).toMatchObject({ code: 2, out: "" });
  const proto = run(["credit", example, "--method", "gae", "--set", "gae.__proto__=1"]);
  expect([proto.code, proto.said]).toMatchObject([2, expect.stringContaining('no parameter "__proto__"')]);
});
