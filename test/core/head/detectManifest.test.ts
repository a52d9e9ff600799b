import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Detection, detectManifest } from "../../../src/core/head/detectManifest.ts";
import type { FolderFacts, GraphValue } from "../../../src/core/head/folderFacts.ts";
import { findKnown, knownModels } from "../../../src/core/head/knownModels.ts";
import { goodLabel } from "../../../src/core/head/labelNames.ts";

const ids: GraphValue = { name: "input_ids", type: "int64", dims: ["batch", "tokens"] };
const mask: GraphValue = { name: "attention_mask", type: "int64", dims: ["batch", "tokens"] };
const output = (name: string, ...more: readonly number[]): GraphValue => ({
  name,
  type: "float",
  dims: ["batch", "tokens", ...more],
});

/** A folder that says nothing but what its graph takes and gives. */
function facts(more: Partial<FolderFacts> = {}): FolderFacts {
  return {
    name: "some-model",
    model: "model.onnx",
    models: ["model.onnx"],
    inputs: [ids, mask],
    outputs: [output("logits", 2)],
    config: {},
    tokenizerConfig: {},
    chatTemplate: null,
    ends: { first: null, last: null },
    marks: [],
    ...more,
  };
}

const named = (name: string, more: Partial<FolderFacts> = {}): FolderFacts => facts({ name, ...more });
const sourceOf = ({ fields }: Detection, wanted: string): string | undefined =>
  fields.find(({ field }) => field === wanted)?.source;
const asked = ({ questions }: Detection): readonly string[] => questions.map(({ id }) => id);

describe("known models", () => {
  test("are all registered, each by a file of its own", () => {
    const files = readdirSync(new URL("../../../src/core/head/known", import.meta.url));
    expect(knownModels.length).toBe(files.length);
    expect(new Set(knownModels.map(({ name }) => name)).size).toBe(files.length);
  });

  test("are found by the name of the folder or of the model it was made of", () => {
    for (const [name, known] of [
      ["Qwen2.5-Math-PRM-7B", "Qwen2.5-Math-PRM"],
      ["Qwen2.5-Math-PRM-72B", "Qwen2.5-Math-PRM"],
      ["Qwen2.5-Math-7B-PRM800K", "Qwen2.5-Math-PRM"],
      ["ReasonFlux-PRM-7B", "ReasonFlux-PRM"],
      ["ReasonFlux-PRM-1.5B", "ReasonFlux-PRM-1.5B"],
      ["PURE-PRM-7B", "PURE-PRM"],
      ["math-shepherd-mistral-7b-prm", "Math-Shepherd"],
      ["Llama3.1-8B-PRM-Deepseek-Data", "RLHFlow Llama 3.1 PRM"],
      ["Llama3.1-8B-PRM-Mistral-Data", "RLHFlow Llama 3.1 PRM"],
      ["Skywork-o1-Open-PRM-Qwen-2.5-1.5B", "Skywork-o1-Open-PRM"],
      ["Skywork-Reward-V2-Qwen3-8B", "Skywork-Reward"],
      ["Skywork-Reward-Llama-3.1-8B-v0.2", "Skywork-Reward"],
      ["internlm2-7b-reward", "InternLM2-reward"],
      ["Qwen2.5-Math-RM-72B", "Qwen2.5-Math-RM"],
      ["EurusPRM-Stage2", "EurusPRM"],
    ] as const) {
      expect(findKnown(named(name))?.name, name).toBe(known);
      expect(findKnown(facts({ config: { _name_or_path: `org/${name}` } }))?.name, name).toBe(known);
    }
  });

  test("are found by their classes, and trainers by what only they write", () => {
    const byConfig = (config: Record<string, unknown>): string | undefined =>
      findKnown(facts({ config }))?.name;
    expect(byConfig({ architectures: ["Qwen2ForProcessRewardModel"] })).toBe("Qwen2.5-Math-PRM");
    expect(byConfig({ auto_map: { AutoModel: "modeling_qwen2_rm.Qwen2ForProcessRewardModel" } })).toBe(
      "Qwen2.5-Math-PRM",
    );
    expect(byConfig({ value_head_prefix: "score" })).toBe("OpenRLHF");
    expect(byConfig({ architectures: ["Qwen2ForTokenClassification"], num_labels: 1 })).toBe("verl critic");
    expect(byConfig({ architectures: ["Qwen2ForTokenClassification"], num_labels: 2 })).toBe(
      "TRL PRMTrainer",
    );
    // An encoder with two labels is more often something else: what it reads is asked.
    expect(byConfig({ architectures: ["BertForTokenClassification"], num_labels: 2 })).toBeUndefined();
    expect(byConfig({ architectures: ["Qwen2ForCausalLM"] })).toBeUndefined();
  });

  test("need nothing but their name to make a manifest that reads", () => {
    for (const [name, wanted] of [
      ["Qwen2.5-Math-PRM-7B", { head: "tokenClassification", range: [0, 1], threshold: 0.5 }],
      ["PURE-PRM-7B", { head: "tokenClassification", range: [-1, 1], threshold: 0 }],
      ["math-shepherd-mistral-7b-prm", { head: "candidateTokens" }],
      ["Llama3.1-8B-PRM-Deepseek-Data", { head: "candidateTokens", read: { mark: "+", offset: -1 } }],
      ["Skywork-o1-Open-PRM-Qwen-2.5-1.5B", { head: "scalarPrm", output: { transform: "sigmoid" } }],
      ["Skywork-Reward-V2-Qwen3-8B", { head: "sequence", read: { at: "last" } }],
      ["internlm2-7b-reward", { head: "sequence", template: { after: [{ token: "[UNUSED_TOKEN_130]" }] } }],
    ] as const) {
      const detected = detectManifest(named(name));
      expect(detected.problem, name).toBe("");
      expect(detected.manifest, name).toMatchObject({ id: name, ...wanted });
    }
    const eurus = detectManifest(named("EurusPRM-Stage2", { models: ["model.onnx", "reference.onnx"] }));
    expect(eurus.manifest).toMatchObject({
      head: "logRatio",
      beta: 0.001,
      files: { reference: "reference.onnx" },
    });
    expect(asked(detectManifest(named("EurusPRM-Stage2")))).toEqual(["reference"]);
  });

  test("of OpenRLHF keep the whitening of their config", () => {
    const config = { value_head_prefix: "score", normalize_reward: true, mean: 1.5, std: 2 };
    const critic = detectManifest(facts({ config, outputs: [output("values")] }));
    expect(critic.manifest).toMatchObject({
      head: "valueHead",
      read: { at: "everyToken", shift: -1 },
      output: { name: "values", mean: 1.5, std: 2 },
    });
    const reward = detectManifest(
      facts({ config, outputs: [{ name: "reward", type: "float", dims: ["b"] }] }),
    );
    expect(reward.manifest).toMatchObject({
      head: "sequence",
      output: { name: "reward", mean: 1.5, std: 2 },
    });
  });
});

describe("a folder that is not known", () => {
  const classifier = { architectures: ["BertForTokenClassification"] };

  test("is read by its class, its labels, its marks and its limits, each with where it was found", () => {
    const detected = detectManifest(
      facts({
        config: { ...classifier, id2label: { 0: "good", 1: "bad" }, max_position_embeddings: 512 },
        marks: ["<step>"],
      }),
    );
    expect(detected.manifest).toMatchObject({
      head: "tokenClassification",
      read: { at: "mark", mark: "<step>" },
      output: { name: "logits", transform: "softmax", index: 0 },
      limits: { maxTokens: 512 },
      inputs: { ids: "input_ids", mask: "attention_mask", positions: null },
    });
    expect(sourceOf(detected, "output.index")).toBe("config.json id2label");
    expect(sourceOf(detected, "head")).toBe("config.json architectures");
    expect(sourceOf(detected, "limits.maxTokens")).toBe("config.json max_position_embeddings");
    expect(sourceOf(detected, "read")).toBe("tokenizer.json");
    expect(sourceOf(detected, "output.name")).toBe("model file");
    expect(sourceOf(detected, "output.transform")).toBe("default");
  });

  test("is asked for what it does not say, and the answers are told apart", () => {
    const folder = facts({
      config: { ...classifier, id2label: { 0: "A", 1: "B" } },
      chatTemplate: "{{ messages }}",
    });
    const first = detectManifest(folder);
    expect(first.manifest).toBeNull();
    expect(asked(first)).toEqual(["mark", "goodLabel"]);
    const second = detectManifest(folder, { mark: "<s>", goodLabel: "0" });
    expect(asked(second)).toEqual(["template"]);
    const third = detectManifest(folder, { mark: "<s>", goodLabel: "0", template: "chat" });
    expect(third.manifest).toMatchObject({
      template: { chat: true, eachStep: ["{step}", { token: "<s>" }] },
      output: { index: 0 },
    });
    for (const field of ["read", "output.index", "template"]) expect(sourceOf(third, field)).toBe("asked");
  });

  test("without a chat begins and ends with what its tokenizer puts there, whatever roles tokens have", () => {
    const template = (more: Partial<FolderFacts>): unknown =>
      detectManifest(facts({ config: { ...classifier, num_labels: 2 }, marks: ["<step>"], ...more })).json[
        "template"
      ];
    const [plain, eachStep] = [
      ["{prompt}", { text: "\n" }],
      ["{step}", { token: "<step>" }],
    ];
    expect(template({ tokenizerConfig: { bos_token: "<|endoftext|>" } })).toEqual({
      before: plain,
      eachStep,
    });
    expect(template({ ends: { first: "<s>", last: null } })).toEqual({
      before: [{ token: "<s>" }, ...plain],
      eachStep,
    });
    expect(template({ ends: { first: "[CLS]", last: "[SEP]" } })).toEqual({
      before: [{ token: "[CLS]" }, ...plain],
      eachStep,
      after: [{ token: "[SEP]" }],
    });
  });

  test("without a class is read by the shape of its output", () => {
    const head = (value: GraphValue): unknown => detectManifest(facts({ outputs: [value] })).json["head"];
    expect(head(output("logits", 2))).toBe("tokenClassification");
    expect(head(output("values"))).toBe("valueHead");
    expect(head({ name: "score", type: "float", dims: ["batch", 1] })).toBe("sequence");
    expect(head(output("log_probs"))).toBe("languageModel");
    expect(head(output("last_hidden_state", 768))).toBe("hiddenStates");
    // A number a position may be a reward or a value, and logits of a vocabulary may serve five heads.
    expect(head(output("scores"))).toBeUndefined();
    expect(head(output("logits", 32000))).toBeUndefined();
  });

  test("takes a regression's number as it is, and several outputs by what is asked", () => {
    const config = {
      architectures: ["BertForSequenceClassification"],
      problem_type: "regression",
      num_labels: 1,
    };
    const outputs = [
      { name: "a", type: "float", dims: ["b", 1] },
      { name: "b", type: "float", dims: ["b", 1] },
    ];
    const open = detectManifest(facts({ config, outputs }));
    expect(asked(open)).toEqual(["output"]);
    const done = detectManifest(facts({ config, outputs }), { output: "b" });
    expect(done.manifest).toMatchObject({ head: "sequence", output: { name: "b", transform: "identity" } });
  });

  test("finds caches, positions and types among its inputs, and says that it has no mask", () => {
    const inputs = [
      "input_ids",
      "position_ids",
      "token_type_ids",
      "past_key_values.0.key",
      "past_key_values.0.value",
    ];
    const detected = detectManifest(
      facts({
        inputs: inputs.map((name) => ({ ...ids, name, type: name.startsWith("past") ? "float" : "int64" })),
        outputs: [output("logits", 2), output("present.0.key", 64)],
        marks: ["<step>"],
      }),
    );
    expect(detected.manifest?.inputs).toEqual({
      ids: "input_ids",
      mask: null,
      positions: "position_ids",
      types: "token_type_ids",
      past: "past_key_values",
    });
  });

  test("never takes an absurd length, nor a name that is no id", () => {
    const detected = detectManifest(
      facts({ name: "a b/ü", tokenizerConfig: { model_max_length: 1e30 }, marks: ["<step>"] }),
    );
    expect(detected.manifest).toMatchObject({ id: "a-b", limits: { maxTokens: 2048 } });
    const huge = detectManifest(facts({ config: { max_position_embeddings: 1e7 }, marks: ["<step>"] }));
    expect(huge.manifest?.limits.maxTokens).toBe(131_072);
  });
});

test("the good label is the one whose name says so, and only one may", () => {
  for (const [names, index] of [
    [["wrong", "right"], 1],
    [["good", "bad"], 0],
    [["-", "+"], 1],
    [["LABEL_0", "LABEL_1"], 1],
    [["NEGATIVE", "Positive"], 1],
    [["no", "yes"], 1],
    [["A", "B"], null],
    [["good", "correct"], null],
    [[], null],
  ] as const)
    expect(goodLabel(names), names.join()).toBe(index);
});
