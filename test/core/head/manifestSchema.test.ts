import { Ajv, type ValidateFunction } from "ajv";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { heads } from "../../../src/core/head/registry.ts";
import { detectManifest } from "../../../src/core/head/detectManifest.ts";
import { knownModels } from "../../../src/core/head/knownModels.ts";
import { ManifestError } from "../../../src/core/head/manifestFields.ts";
import { parseModelManifest } from "../../../src/core/head/modelManifest.ts";
import { minimal } from "./manifests.ts";

type Json = Record<string, unknown>;

let check: ValidateFunction;
beforeAll(() => {
  const file = new URL("../../../schemas/rewardlens.model.schema.json", import.meta.url);
  check = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(file, "utf8")) as Json);
});

/** What the reader says: empty where it takes the manifest. */
function refusal(manifest: unknown): string {
  try {
    parseModelManifest(manifest);
    return "";
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return error.message;
  }
}

const steps = { eachStep: ["{step}", { token: "<step>" }] };
const turns = { eachTurn: ["{content}"] };
const base = { schema: "rewardlens.model/1", id: "m", limits: { maxTokens: 512 } };
const mark = { at: "mark", mark: "<step>" };

/** Right ones of every kind. */
const right: readonly Json[] = [
  minimal,
  {
    ...base,
    label: "A",
    doc: "b",
    license: "MIT",
    head: "tokenClassification",
    template: steps,
    read: mark,
    threshold: 0.5,
    range: [0, 1],
    tokenScores: true,
  },
  {
    ...base,
    head: "tokenClassification",
    template: {
      chat: true,
      system: "s",
      ...steps,
      segments: "parts",
      addedTokens: "vocabulary",
      variables: { a: 1 },
    },
    read: mark,
    output: { transform: "difference" },
  },
  {
    ...base,
    head: "candidateTokens",
    template: {
      before: ["{prompt}", { text: " " }],
      firstStep: ["{step}", { token: "+" }],
      eachStep: [{ text: "\n" }, "{step}", { token: "+" }],
    },
    read: { at: "mark", mark: "+", offset: -1 },
    output: { candidates: ["+", "-"], index: 0 },
  },
  {
    ...base,
    head: "candidateTokens",
    template: {
      chat: "{{ messages }}",
      eachStep: [{ message: "user" }, "{step}", { message: "assistant" }, { token: "+" }],
    },
    read: { at: "mark", mark: "+" },
    output: { candidates: ["+", "-"] },
  },
  { ...base, head: "scalarPrm", template: steps, read: mark, output: { name: "values", mean: 1, std: 2 } },
  {
    ...base,
    head: "valueHead",
    template: turns,
    read: { at: "everyToken", shift: -1 },
    inputs: { ids: "ids", mask: null, positions: "position_ids", past: "past" },
  },
  {
    ...base,
    head: "sequence",
    template: { ...turns, after: [{ token: "[R]" }, "{answer}"], otherTurn: [{ text: "U: " }, "{content}"] },
    read: { at: "last" },
  },
  {
    ...base,
    head: "logRatio",
    template: { chat: true, ...turns },
    files: { model: "model.onnx", reference: "ref/model.onnx" },
    beta: 0.001,
  },
  {
    ...base,
    head: "languageModel",
    template: turns,
    output: { transform: "identity", name: "log_probs", entropy: "entropy" },
  },
  { ...base, head: "answerLikelihood", template: turns, probe: { answer: "so {answer}." } },
  { ...base, head: "contrastivePrompts", template: turns, probe: { better: "b", worse: "w" } },
  { ...base, head: "followUps", template: turns, probe: { positive: ["a"], negative: ["b", "c"] } },
  { ...base, head: "actionCritic", template: turns, read: { at: "partEnd" } },
  { ...base, head: "progress", template: turns, read: { at: "partEnd" } },
  { ...base, head: "hiddenStates", template: turns },
  { ...base, head: "attention", template: turns, output: { name: "local", global: "global" } },
];

/** What stands in a field that should not. */
const wrongValues: readonly unknown[] = [null, 5, -3, 0.5, "", "x", "../x", true, false, [], [1], ["x"], {}];

/** A manifest with another value at a path, or, without one, with the field gone. */
function changed(json: unknown, path: readonly (string | number)[], value?: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(json)) return json.map((one, i) => (i === first ? changed(one, rest, value) : one));
  const { [first]: inner, ...others } = json as Json;
  if (rest.length === 0 && value === undefined) return others;
  return { ...others, [first]: changed(inner, rest, value) };
}

function pathsIn(json: unknown, at: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof json !== "object" || json === null) return [];
  return Object.keys(json).flatMap((key) => {
    const path = [...at, Array.isArray(json) ? Number(key) : key];
    return [path, ...pathsIn((json as Json)[key], path)];
  });
}

describe("the manifest's JSON Schema and its reader", () => {
  test("take the same right manifests, one of every head among them", () => {
    for (const manifest of right) {
      expect(refusal(manifest), JSON.stringify(manifest)).toBe("");
      expect(check(manifest) ? null : [manifest, check.errors]).toBeNull();
    }
    expect(new Set(right.map(({ head }) => head))).toEqual(new Set(heads.map(({ id }) => id)));
  });

  test("agree on every field of these, taken away or with another value", () => {
    const different: string[] = [];
    let compared = 0;
    for (const manifest of right)
      for (const path of pathsIn(manifest))
        for (const value of [undefined, ...wrongValues]) {
          // Of a list of pieces there is nothing to take away, and variables are free.
          if (value === undefined && typeof path.at(-1) === "number") continue;
          const other = changed(manifest, path, value);
          const words = refusal(other);
          // That a template holds the mark once is more than a schema can say.
          if (words.includes("exactly once") && !path.includes("probe")) continue;
          compared++;
          if ((words === "") !== check(other))
            different.push(
              `${path.join(".")} = ${JSON.stringify(value)} in ${String(manifest["head"])}: the reader ${words === "" ? "takes" : "refuses"} it (${words}), the schema says ${JSON.stringify(check.errors?.[0]?.message ?? "yes")}`,
            );
        }
    expect(different.slice(0, 8)).toEqual([]);
    expect(compared).toBeGreaterThan(2000);
  });

  test("differ where a schema helps who writes: unknown fields are pointed at, and read over", () => {
    const typo = { ...minimal, treshold: 0.5 };
    expect(refusal(typo)).toBe("");
    expect(check(typo)).toBe(false);
    expect(check({ $schema: "./x.json", ...minimal })).toBe(true);
  });

  test("describe every head, every field and every transform", () => {
    const schema = check.schema as {
      properties: Record<string, { enum?: unknown[]; enumDescriptions?: string[] }>;
    };
    expect(schema.properties["head"]?.enum).toEqual(heads.map(({ id }) => id));
    expect(schema.properties["head"]?.enumDescriptions?.length).toBe(heads.length);
    for (const [name, field] of Object.entries(schema.properties))
      if (name !== "$schema" && name !== "limits") expect(field, name).toHaveProperty("description");
  });

  test("both take what is detected of every known model", () => {
    for (const { name } of knownModels) {
      const { json, manifest } = detectManifest({
        name: { "TRL PRMTrainer": "x", "verl critic": "x", OpenRLHF: "x" }[name] ?? nameOf[name] ?? name,
        model: "model.onnx",
        models: ["model.onnx", "reference.onnx"],
        inputs: [{ name: "input_ids", type: "int64", dims: ["b", "t"] }],
        outputs: [{ name: "logits", type: "float", dims: ["b", "t", 2] }],
        config: configOf[name] ?? {},
        tokenizerConfig: { bos_token: "<s>" },
        chatTemplate: null,
        ends: { first: null, last: null },
        marks: [],
      });
      expect(manifest, name).not.toBeNull();
      expect(check(json) ? null : [name, json, check.errors]).toBeNull();
    }
  });
});

const nameOf: Readonly<Record<string, string>> = {
  "Qwen2.5-Math-PRM": "Qwen2.5-Math-PRM-7B",
  "ReasonFlux-PRM": "ReasonFlux-PRM-7B",
  "PURE-PRM": "PURE-PRM-7B",
  "RLHFlow Llama 3.1 PRM": "Llama3.1-8B-PRM-Deepseek-Data",
  "InternLM2-reward": "internlm2-7b-reward",
};
const configOf: Readonly<Record<string, Json>> = {
  "TRL PRMTrainer": { architectures: ["Qwen2ForTokenClassification"], num_labels: 2 },
  "verl critic": { architectures: ["Qwen2ForTokenClassification"], num_labels: 1 },
  OpenRLHF: { value_head_prefix: "score" },
};
