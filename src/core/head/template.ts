import { isRecord } from "../format/isRecord.ts";
import { type Fields, ManifestError, nullableText, optionalObject, optionalText } from "./manifestFields.ts";

/**
 * A piece of the text a model reads: a token of its vocabulary by name, text of the model's own (its special tokens are
 * recognised), a place where the rollout's text goes, or, in a chat, the role of a message that begins here.
 */
export type Piece =
  | { readonly token: string }
  | { readonly text: string }
  | { readonly message: string }
  | Slot;
export type Slot = "{prompt}" | "{step}" | "{content}" | "{answer}";

/** How a rollout becomes the text a model reads. */
export interface Template {
  /**
   * A chat template (Jinja): the conversation is laid out by it, and `eachStep` or `eachTurn` are the contents of the
   * policy's messages. `true` is that of `tokenizer_config.json` or `chat_template.jinja` beside the model; null = none.
   */
  readonly chat: string | true | null;
  /** Variables the chat template asks for, as `date_string` or `enable_thinking`. */
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** The system message of a chat: a text of the model's own, the log's (`log`), or none. */
  readonly system: string | null;
  /** Before the first part; in a chat before what its template writes, and the prompt is in the chat. */
  readonly before: readonly Piece[];
  /**
   * Instead of `eachStep` for the first step; null = the same. With `{prompt}` in it a chat has no messages of its own
   * before the first step but the system's: the question and the first step are one message.
   */
  readonly firstStep: readonly Piece[] | null;
  /**
   * For each step of a turn the policy wrote; null where whole turns are read. In a chat they are contents of the policy's
   * message; a piece `{"message": ROLE}` ends it and begins one of that role.
   */
  readonly eachStep: readonly Piece[] | null;
  readonly eachTurn: readonly Piece[] | null;
  /** For turns that others wrote after the policy's first. */
  readonly otherTurn: readonly Piece[];
  /** Behind the last part. */
  readonly after: readonly Piece[];
  readonly segments: Segments;
  readonly addedTokens: AddedTokens;
}

/**
 * What a log's text that spells an added token of the vocabulary becomes, as `<think>` of Qwen3. `text`: tokens of its
 * characters. `vocabulary`: that token, as tokenizers do by themselves, unless it is special or one that this template
 * names or writes: those are text always.
 */
export const addedTokenChoices = ["text", "vocabulary"] as const;
export type AddedTokens = (typeof addedTokenChoices)[number];

/**
 * What is tokenised as one. `separate`: every piece by itself, as trainers that add marks by id do. `parts`: what stands
 * before the first step, each step (or turn), and what stands behind the last. `joined`: all texts that follow each other,
 * as those do that tokenise a whole conversation. A `{"token": …}` is put in by its id and ends a text in all of them.
 */
export const segmentations = ["separate", "parts", "joined"] as const;
export type Segments = (typeof segmentations)[number];

/** @throws ManifestError that names the field */
export function readTemplate(fields: Fields): Template {
  const chat = readChat(fields["chat"]);
  const message = chat === null ? [] : (["message"] as const);
  const eachStep = readPieces(fields, "eachStep", ["{step}"], message);
  const eachTurn = readPieces(fields, "eachTurn", ["{content}"]);
  if ((eachStep === null) === (eachTurn === null))
    throw new ManifestError('"template" needs either "eachStep" or "eachTurn"');
  const firstStep = readPieces(
    fields,
    "firstStep",
    chat === null ? ["{step}"] : ["{prompt}", "{step}"],
    message,
  );
  if (firstStep !== null && eachStep === null)
    throw new ManifestError('"template.firstStep" stands beside "eachStep" only');
  const own: readonly Piece[] = chat === null ? ["{prompt}"] : [];
  return {
    chat,
    variables: readVariables(optionalObject(fields, "variables")),
    system: nullableText(fields, "system", null),
    before: readPieces(fields, "before", chat === null ? ["{prompt}", "{answer}"] : []) ?? own,
    firstStep,
    eachStep,
    eachTurn,
    otherTurn: readPieces(fields, "otherTurn", ["{content}"]) ?? ["{content}"],
    after: readPieces(fields, "after", ["{answer}"]) ?? [],
    segments: readSegments(optionalText(fields, "segments", chat === null ? "separate" : "joined")),
    addedTokens: readAddedTokens(optionalText(fields, "addedTokens", "text")),
  };
}

export function isToken(piece: Piece): piece is { readonly token: string } {
  return typeof piece === "object" && "token" in piece;
}

export function isMessage(piece: Piece): piece is { readonly message: string } {
  return typeof piece === "object" && "message" in piece;
}

function readChat(value: unknown): Template["chat"] {
  if (value === undefined || value === null || value === false) return null;
  if (value === true || (typeof value === "string" && value !== "")) return value;
  throw new ManifestError('"template.chat" is true or a chat template');
}

/** Names the conversation itself has. */
const taken = ["messages", "add_generation_prompt", "__proto__", "constructor", "prototype"];

function readVariables(fields: Fields): Template["variables"] {
  for (const [name, value] of Object.entries(fields))
    if (taken.includes(name) || !["string", "number", "boolean"].includes(typeof value))
      throw new ManifestError(
        `"template.variables" holds texts, numbers, true and false by name, and not ${JSON.stringify(name)}`,
      );
  return fields as Template["variables"];
}

function readSegments(value: string): Segments {
  const known = segmentations.find((one) => one === value);
  if (known !== undefined) return known;
  throw new ManifestError(`"template.segments" is "${segmentations.join('", "')}"`);
}

function readAddedTokens(value: string): AddedTokens {
  const known = addedTokenChoices.find((one) => one === value);
  if (known !== undefined) return known;
  throw new ManifestError(`"template.addedTokens" is "${addedTokenChoices.join('" or "')}"`);
}

function readPieces(
  fields: Fields,
  name: string,
  slots: readonly Slot[],
  more: readonly "message"[] = [],
): readonly Piece[] | null {
  const value = fields[name];
  if (value === undefined) return null;
  const kinds = ["token", "text", ...more];
  const pieces = [...kinds.map((kind) => `{"${kind}": …}`), ...slots.map((slot) => `"${slot}"`)];
  const wrong = `"template.${name}" is a list of ${pieces.join(", ")}`;
  if (!Array.isArray(value)) throw new ManifestError(wrong);
  return value.map((piece: unknown): Piece => {
    const slot = slots.find((one) => one === piece);
    if (slot !== undefined) return slot;
    const kind = isRecord(piece) ? kinds.find((one) => typeof piece[one] === "string") : undefined;
    if (kind === undefined) throw new ManifestError(`${wrong}, not ${JSON.stringify(piece)?.slice(0, 60)}`);
    return { [kind]: (piece as Fields)[kind] } as unknown as Piece;
  });
}
