import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseModelManifest } from "../../src/core/head/modelManifest.ts";
import { describeModel } from "../../src/scorerClient/describeModel.ts";
import { readModelFolder } from "../../src/scorerClient/modelFolder.ts";
import { repository } from "../cli/program.ts";

/**
 * Small models of the published architectures (tools/export), whose manifests are written by hand: without them, under
 * the names and classes they are published with, the same must be found.
 */
const fixtures = join(repository, "test", "fixtures", "models");
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rewardlens-detected-"));
  vi.stubEnv("REWARDLENS_DATA", join(root, "data"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const critic = { architectures: ["Qwen2ForTokenClassification"] };

test.each([
  ["qwenPrm", "anything", {}, "known: Qwen2.5-Math-PRM"],
  ["qwenPrm", "Qwen2.5-Math-PRM-7B", { architectures: [] }, "known: Qwen2.5-Math-PRM"],
  ["trlPrm", "my-checkpoint", {}, "known: TRL PRMTrainer"],
  ["mathShepherd", "math-shepherd-mistral-7b-prm", {}, "known: Math-Shepherd"],
  ["rlhflowPrm", "Llama3.1-8B-PRM-Deepseek-Data", {}, "known: RLHFlow Llama 3.1 PRM"],
  ["skyworkPrm", "Skywork-o1-Open-PRM-Qwen-2.5-1.5B", {}, "known: Skywork-o1-Open-PRM"],
  ["verlCritic", "actor-critic", critic, "known: verl critic"],
  ["rewardModel", "Skywork-Reward-V2-Llama-3.2-1B", {}, "known: Skywork-Reward"],
  ["implicitPrm", "EurusPRM-Stage2", {}, "known: EurusPRM"],
] as const)("%s called %s is found as its manifest says", async (fixture, name, change, source) => {
  const folder = join(root, name);
  cpSync(join(fixtures, fixture), folder, { recursive: true });
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const wanted = parseModelManifest(read("rewardlens.model.json"));
  rmSync(join(folder, "rewardlens.model.json"));
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({ ...(read("config.json") as object), ...change }),
  );
  const { manifest, fields, questions } = await describeModel(folder);
  expect(questions).toEqual([]);
  expect(fields.find(({ field }) => field === "head")?.source).toBe(source);
  // A critic reads the system's message of the log; EurusPRM's β is its own.
  const system = manifest!.template.system === "log" ? wanted.template.system : manifest!.template.system;
  // Skywork's vocabularies have added tokens that are not special; the fixture's has none.
  const { addedTokens } = wanted.template;
  expect({ ...manifest!.template, system, addedTokens }).toEqual(wanted.template);
  for (const field of ["head", "read", "output", "inputs"] as const)
    expect(manifest![field], field).toEqual(wanted[field]);
  expect(manifest!.files).toEqual(wanted.files);
  // Nothing about the files keeps it from being scored with.
  expect((await readModelFolder(folder)).digest).toMatch(/^[0-9a-f]{32}$/);
});

test.each([
  // Says BertProcessing, and gives no token a role of beginning or end.
  [
    "encoderReward",
    {},
    { before: [{ token: "[CLS]" }, "{prompt}", { text: "\n" }], after: [{ token: "[SEP]" }] },
  ],
  ["mathShepherd", {}, { before: [{ token: "<s>" }, "{prompt}", { text: "\n" }], after: [] }],
  // What tokenizer.json would put there is not put there.
  ["mathShepherd", { add_bos_token: false }, { before: ["{prompt}", { text: "\n" }], after: [] }],
  [
    "mathShepherd",
    { add_eos_token: true },
    { before: [{ token: "<s>" }, "{prompt}", { text: "\n" }], after: [{ token: "</s>" }] },
  ],
] as const)(
  "%s with %j under a name of no one is laid out as its tokenizer does",
  async (fixture, more, wanted) => {
    const folder = join(root, "some-reward");
    cpSync(join(fixtures, fixture), folder, { recursive: true });
    rmSync(join(folder, "rewardlens.model.json"));
    const config = join(folder, "tokenizer_config.json");
    const before = JSON.parse(readFileSync(config, "utf8")) as object;
    writeFileSync(config, JSON.stringify({ ...before, ...more }));
    const { manifest } = await describeModel(folder, { head: "sequence", output: "logits" });
    expect(manifest?.template).toMatchObject({ chat: null, eachTurn: ["{content}"], ...wanted });
  },
);

test("a critic of OpenRLHF keeps its whitening; its layout is the run's and not the folder's", async () => {
  const folder = join(root, "my-critic");
  cpSync(join(fixtures, "openRlhfCritic"), folder, { recursive: true });
  rmSync(join(folder, "rewardlens.model.json"));
  const { manifest } = await describeModel(folder);
  expect(manifest).toMatchObject({
    head: "valueHead",
    read: { at: "everyToken", shift: -1 },
    output: { name: "values", mean: 0.25, std: 1.5 },
  });
});
