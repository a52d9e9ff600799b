import type { SequenceEnds } from "./sequenceEnds.ts";

/** An input or output as a model's file declares it. */
export interface GraphValue {
  readonly name: string;
  /** ONNX's name of the element type in lower case: `float`, `int64`, `bfloat16`. */
  readonly type: string;
  /** Sizes; a name where they vary. Null where the file does not say. */
  readonly dims: readonly (number | string)[] | null;
}

type Json = Readonly<Record<string, unknown>>;

/** What a model's folder says of itself, read from the disk; missing files are empty. Nothing is interpreted here. */
export interface FolderFacts {
  /** The folder's name as people know it: in a cache of Hugging Face that of the repository. */
  readonly name: string;
  /** The graph that is taken, and all there are, as paths inside the folder. */
  readonly model: string;
  readonly models: readonly string[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly config: Json;
  readonly tokenizerConfig: Json;
  readonly chatTemplate: string | null;
  /** What the tokenizer puts around a text by itself. */
  readonly ends: SequenceEnds;
  /** Of `stepMarks`, those that tokenizer.json has as one token, in that order. */
  readonly marks: readonly string[];
}

/** Tokens that published models put behind each step. */
export const stepMarks = [
  "<extra_0>",
  "<step>",
  "<|step|>",
  "<step_end>",
  "<|reward|>",
  "<prm>",
  "[STEP]",
  "\u2581\u043A\u0438",
] as const;

/** A text field of one of the folder's files; null where it has none. */
export function textOf(json: Json, name: string): string | null {
  const value = json[name];
  return typeof value === "string" && value !== "" ? value : null;
}

export function numberOf(json: Json, name: string): number | null {
  const value = json[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** `architectures` of config.json. */
export function architecturesOf({ config }: Pick<FolderFacts, "config">): readonly string[] {
  const value = config["architectures"];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** The name of a special token of tokenizer_config.json: a text, or an object that holds it. */
export function specialToken({ tokenizerConfig }: FolderFacts, role: string): string | null {
  const value = tokenizerConfig[role];
  if (typeof value === "object" && value !== null && "content" in value)
    return typeof value.content === "string" && value.content !== "" ? value.content : null;
  return textOf(tokenizerConfig, role);
}
