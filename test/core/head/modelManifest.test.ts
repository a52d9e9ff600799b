import { describe, expect, test } from "vitest";
import { ManifestError } from "../../../src/core/head/manifestFields.ts";
import { parseModelManifest } from "../../../src/core/head/modelManifest.ts";
import { minimal } from "./manifests.ts";

describe("a model's manifest", () => {
  test("gets the usual names where it gives none", () => {
    expect(parseModelManifest(minimal)).toMatchObject({
      label: "m",
      files: { model: "model.onnx", tokenizer: "tokenizer.json" },
      read: { at: "mark", mark: "<step>", offset: 0 },
      output: { name: "logits", transform: "softmax", index: 1 },
      inputs: { ids: "input_ids", mask: "attention_mask", positions: null },
      tokenScores: false,
      range: null,
    });
    const critic = {
      ...minimal,
      head: "valueHead",
      template: { eachTurn: ["{content}"] },
      read: { at: "everyToken", shift: -1 },
    };
    expect(parseModelManifest(critic)).toMatchObject({
      tokenScores: true,
      output: { transform: "identity", index: 0 },
    });
  });

  test("is refused with the name of the field that is wrong", () => {
    for (const [change, words] of [
      [{ schema: "rewardlens.model/2" }, "rewardlens.model/1"],
      [{ head: "generative" }, '"head" must be one of tokenClassification, candidateTokens, scalarPrm'],
      [{ id: "a/b" }, '"id"'],
      [{ files: { model: "../secret.onnx" } }, '"files.model"'],
      [{ files: { tokenizer: "/etc/passwd" } }, '"files.tokenizer"'],
      [{ template: {} }, '"eachStep" or "eachTurn"'],
      [{ template: { eachStep: ["{step}"] } }, "exactly once"],
      [{ template: { eachStep: ["{question}"] } }, "{step}"],
      [{ read: { at: "end" } }, '"read.at"'],
      [{ read: { at: "mark", mark: "<step>", offset: 5 } }, '"read.offset"'],
      [{ output: { transform: "exp" } }, '"output.transform"'],
      [{ output: { index: -1 } }, '"output.index"'],
      [{ output: { std: 0 } }, '"output.std" is a number above 0'],
      [{ output: { name: "" } }, '"name"'],
      [{ range: [0] }, '"range"'],
      [{ beta: "1" }, '"beta"'],
      [{ probe: { answer: "none" } }, "{answer} exactly once"],
      [{ files: { reference: "b.onnx" } }, '"files.reference"'],
      [{ head: "logRatio", read: {} }, '"files.reference"'],
      [{ head: "candidateTokens" }, '"candidates"'],
      [{ head: "contrastivePrompts", read: {} }, '"better"'],
      [{ head: "followUps", read: {}, probe: { positive: ["a"] } }, '"negative"'],
      [{ head: "languageModel" }, '"read.at" of the head languageModel is "everyToken"'],
      [{ inputs: { mask: 3 } }, '"mask"'],
      [{ limits: { maxTokens: 1e9 } }, '"limits.maxTokens"'],
    ] as const) {
      expect(() => parseModelManifest({ ...minimal, ...change }), words).toThrow(words);
      expect(() => parseModelManifest({ ...minimal, ...change })).toThrow(ManifestError);
    }
    expect(() => parseModelManifest(null)).toThrow("not a JSON object");
  });

  test("is refused with the part of its template that is wrong", () => {
    for (const [template, words] of [
      [{ eachStep: ["{step}"], eachTurn: ["{content}"] }, 'either "eachStep" or "eachTurn"'],
      [{ eachTurn: ["{content}"], firstStep: ["{step}"] }, 'firstStep" stands beside "eachStep"'],
      [{ eachStep: "{step}" }, '"template.eachStep" is a list of {"token": …}, {"text": …}, "{step}"'],
      [{ eachStep: [{ token: 7 }] }, 'not {"token":7}'],
      [{ eachStep: ["{step}", { message: "user" }] }, 'not {"message":"user"}'],
      [{ before: ["{step}"], eachStep: ["{step}", { token: "<step>" }] }, '"template.before"'],
      [{ chat: true, before: ["{prompt}"], eachStep: ["{step}", { token: "<step>" }] }, '"template.before"'],
      [{ chat: 3, eachStep: ["{step}"] }, '"template.chat"'],
      [{ chat: true, variables: { messages: "x" }, eachStep: ["{step}"] }, '"messages"'],
      [{ chat: true, variables: { tools: [] }, eachStep: ["{step}"] }, '"tools"'],
      [{ chat: true, variables: JSON.parse('{"__proto__":"x"}'), eachStep: ["{step}"] }, '"__proto__"'],
      [{ addedTokens: "special", eachStep: ["{step}"] }, '"text" or "vocabulary"'],
      [{ segments: "glued", eachStep: ["{step}"] }, '"separate", "parts", "joined"'],
      [{ system: 4, eachStep: ["{step}"] }, '"system"'],
    ] as const) {
      expect(() => parseModelManifest({ ...minimal, template }), words).toThrow(words);
      expect(() => parseModelManifest({ ...minimal, template })).toThrow(ManifestError);
    }
  });

  test("has a mark that is a token, else a text; each list holds it once", () => {
    const read = (template: object) => parseModelManifest({ ...minimal, template }).read;
    expect(read({ eachStep: [{ text: "<step>" }, "{step}", { token: "<step>" }] })).toMatchObject({
      as: "token",
    });
    expect(read({ eachStep: ["{step}", { text: "<step>" }] })).toMatchObject({ as: "text" });
    expect(() => read({ firstStep: ["{step}"], eachStep: ["{step}", { text: "<step>" }] })).toThrow(
      '"template.firstStep" must hold the mark "<step>" exactly once',
    );
    expect(() => read({ eachStep: ["{step}", { text: "<step>" }, { text: "<step>" }] })).toThrow(
      "exactly once",
    );
  });

  test("of a language model reads logits before the token, and exported log-probabilities at it", () => {
    const of = (output: object, read?: object) =>
      parseModelManifest({
        ...minimal,
        head: "languageModel",
        template: { eachTurn: ["{content}"] },
        output,
        read,
      }).read;
    expect(of({})).toEqual({ at: "everyToken", shift: -1 });
    expect(of({ transform: "identity" })).toEqual({ at: "everyToken", shift: 0 });
    expect(of({ transform: "identity" }, { at: "everyToken", shift: -1 })).toEqual({
      at: "everyToken",
      shift: -1,
    });
  });

  test("lets the system say what contrasting prompts are in a chat", () => {
    const contrast = (template: object) =>
      parseModelManifest({
        ...minimal,
        head: "contrastivePrompts",
        read: {},
        probe: { better: "good", worse: "bad" },
        template: { chat: true, eachTurn: ["{content}"], ...template },
      }).template.system;
    expect(contrast({})).toBe("log");
    expect(contrast({ system: "log" })).toBe("log");
    expect(() => contrast({ system: "Be kind." })).toThrow('"template.system" of contrastivePrompts');
  });
});
