import { isRecord } from "../format/isRecord.ts";
import type { OutputSpec, Transform } from "./head.ts";
import { type HeadId, headOf, heads } from "./registry.ts";

export const manifestFile = "rewardlens.model.json";
export const manifestSchema = "rewardlens.model/1";

/**
 * A piece of the text a model reads: a token of its vocabulary by name, text of the model's own, or a place where the
 * rollout's text goes. Every piece is tokenised by itself, so that no text can form a mark.
 */
export type Piece = { readonly token: string } | { readonly text: string } | Slot;
export type Slot = "{prompt}" | "{step}" | "{content}";

/** Where a score is read. */
export type ReadSpec =
  | { readonly at: "mark"; readonly mark: string; readonly offset: number }
  | { readonly at: "everyToken"; readonly shift: number };

/** `rewardlens.model.json`, checked: how a model's folder is read, fed and read out. */
export interface ModelManifest {
  /** The name after `@` in columns: letters, digits, `.`, `_`, `-`. */
  readonly id: string;
  readonly label: string;
  readonly doc: string;
  readonly license: string;
  readonly head: HeadId;
  /** Names in the model's own folder. */
  readonly files: { readonly model: string; readonly tokenizer: string };
  readonly template: {
    readonly before: readonly Piece[];
    /** For each step of a turn the policy wrote; null where whole turns are read. */
    readonly eachStep: readonly Piece[] | null;
    readonly eachTurn: readonly Piece[] | null;
    /** For turns that others wrote after the policy's first. */
    readonly otherTurn: readonly Piece[];
  };
  readonly read: ReadSpec;
  readonly output: OutputSpec;
  /** Whether the numbers at tokens that are no mark mean something. */
  readonly tokenScores: boolean;
  /** What a score can be at all; null = not said. */
  readonly range: readonly [number, number] | null;
  /** A step below it counts as wrong; NaN = not said. */
  readonly threshold: number;
  readonly inputs: { readonly ids: string; readonly mask: string | null; readonly positions: string | null };
  readonly limits: { readonly maxTokens: number };
}

/** What is wrong with a manifest, in words that name the field. */
export class ManifestError extends Error {}

const longest = 131_072;

/**
 * Reads a manifest.
 * @throws ManifestError that names the field and what it should be
 */
export function parseModelManifest(value: unknown): ModelManifest {
  if (!isRecord(value)) throw new ManifestError("is not a JSON object");
  if (value["schema"] !== manifestSchema)
    throw new ManifestError(
      `has schema ${JSON.stringify(value["schema"])}; this version reads "${manifestSchema}"`,
    );
  const head = headOf(text(value, "head"));
  if (head === undefined)
    throw new ManifestError(`"head" must be one of ${heads.map(({ id }) => id).join(", ")}`);
  const id = text(value, "id");
  if (!/^[\w.-]{1,64}$/.test(id))
    throw new ManifestError('"id" may hold letters, digits, ".", "_" and "-", 64 at most');
  const read = readRead(object(value, "read"));
  const template = readTemplate(object(value, "template"), read);
  return {
    id,
    label: optionalText(value, "label", id),
    doc: optionalText(value, "doc", ""),
    license: optionalText(value, "license", ""),
    head: head.id,
    files: readFiles(isRecord(value["files"]) ? value["files"] : {}),
    template,
    read,
    output: readOutput(isRecord(value["output"]) ? value["output"] : {}, head.transforms),
    tokenScores: value["tokenScores"] === true || read.at === "everyToken",
    range: readRange(value["range"]),
    threshold: typeof value["threshold"] === "number" ? value["threshold"] : NaN,
    inputs: readInputs(isRecord(value["inputs"]) ? value["inputs"] : {}),
    limits: { maxTokens: readMaxTokens(object(value, "limits")) },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw new ManifestError(`"${name}" is missing or no text`);
}

function optionalText(fields: Fields, name: string, fallback: string): string {
  return fields[name] === undefined ? fallback : text(fields, name);
}

function object(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (isRecord(value)) return value;
  throw new ManifestError(`"${name}" is missing or no object`);
}

/** A model's files lie in its own folder: a manifest from elsewhere must not point out of it. */
function readFiles(fields: Fields): ModelManifest["files"] {
  const name = (key: string, fallback: string): string => {
    const path = optionalText(fields, key, fallback);
    if (/^[\w.-]+(?:\/[\w.-]+)*$/.test(path) && !path.split("/").includes("..")) return path;
    throw new ManifestError(`"files.${key}" must be a path inside the model's folder`);
  };
  return { model: name("model", "model.onnx"), tokenizer: name("tokenizer", "tokenizer.json") };
}

function readTemplate(fields: Fields, read: ReadSpec): ModelManifest["template"] {
  const before = readPieces(fields, "before", "{prompt}") ?? ["{prompt}" as const];
  const eachStep = readPieces(fields, "eachStep", "{step}");
  const eachTurn = readPieces(fields, "eachTurn", "{content}");
  const otherTurn = readPieces(fields, "otherTurn", "{content}") ?? ["{content}" as const];
  if ((eachStep === null) === (eachTurn === null))
    throw new ManifestError('"template" needs either "eachStep" or "eachTurn"');
  if (read.at === "mark") {
    const marks = (eachStep ?? []).filter((piece) => isToken(piece) && piece.token === read.mark);
    if (marks.length !== 1)
      throw new ManifestError(
        `"template.eachStep" must hold the mark ${JSON.stringify(read.mark)} exactly once`,
      );
  }
  return { before, eachStep, eachTurn, otherTurn };
}

function readPieces(fields: Fields, name: string, slot: Slot): readonly Piece[] | null {
  const value = fields[name];
  if (value === undefined) return null;
  const wrong = `"template.${name}" is a list of {"token": …}, {"text": …} and "${slot}"`;
  if (!Array.isArray(value)) throw new ManifestError(wrong);
  return value.map((piece: unknown): Piece => {
    if (piece === slot) return slot;
    if (isRecord(piece) && typeof piece["token"] === "string") return { token: piece["token"] };
    if (isRecord(piece) && typeof piece["text"] === "string") return { text: piece["text"] };
    throw new ManifestError(`${wrong}, not ${JSON.stringify(piece)?.slice(0, 60)}`);
  });
}

export function isToken(piece: Piece): piece is { readonly token: string } {
  return typeof piece === "object" && "token" in piece;
}

function readRead(fields: Fields): ReadSpec {
  if (fields["at"] === "mark")
    return { at: "mark", mark: text(fields, "mark"), offset: small(fields, "offset", "read.offset") };
  if (fields["at"] === "everyToken") return { at: "everyToken", shift: small(fields, "shift", "read.shift") };
  throw new ManifestError('"read.at" is "mark" or "everyToken"');
}

function small(fields: Fields, name: string, label: string): number {
  const value = fields[name] ?? 0;
  if (value === 0 || value === -1) return value;
  throw new ManifestError(`"${label}" is 0 or −1`);
}

function readOutput(fields: Fields, transforms: readonly Transform[]): OutputSpec {
  const transform = fields["transform"] ?? transforms[0];
  const known = transforms.find((one) => one === transform);
  if (known === undefined) throw new ManifestError(`"output.transform" is one of ${transforms.join(", ")}`);
  const index = fields["index"] ?? (known === "softmax" ? 1 : 0);
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0)
    throw new ManifestError('"output.index" is a whole number from 0');
  return { name: optionalText(fields, "name", "logits"), transform: known, index };
}

function readRange(value: unknown): readonly [number, number] | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value) && value.length === 2 && value.every((x) => typeof x === "number"))
    return [value[0] as number, value[1] as number];
  throw new ManifestError('"range" is [least, most]');
}

function readInputs(fields: Fields): ModelManifest["inputs"] {
  const nullable = (name: string, fallback: string | null): string | null =>
    fields[name] === null ? null : fields[name] === undefined ? fallback : text(fields, name);
  return {
    ids: optionalText(fields, "ids", "input_ids"),
    mask: nullable("mask", "attention_mask"),
    positions: nullable("positions", null),
  };
}

function readMaxTokens(fields: Fields): number {
  const value = fields["maxTokens"];
  if (typeof value === "number" && Number.isInteger(value) && value >= 16 && value <= longest) return value;
  throw new ManifestError(`"limits.maxTokens" is a whole number from 16 to ${longest}`);
}
