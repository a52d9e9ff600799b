import { architecturesOf, type FolderFacts, numberOf, textOf } from "./folderFacts.ts";
import { formOf, mainOutput, nameInputs, tellingOutputs } from "./graphNames.ts";
import { findKnown } from "./knownModels.ts";
import { goodLabel, labelCount, labelNames } from "./labelNames.ts";
import { type FoundField, ManifestDraft } from "./manifestDraft.ts";
import { ManifestError } from "./manifestFields.ts";
import { manifestSchema, type ModelManifest, parseModelManifest } from "./modelManifest.ts";
import {
  type Answers,
  askGoodLabel,
  askHead,
  askMark,
  askOutput,
  askTemplate,
  askText,
  askTransform,
  type ModelQuestion,
} from "./modelQuestion.ts";
import { type HeadId, headOf } from "./registry.ts";
import type { Transform } from "./transform.ts";

/** What is known of a model without a manifest, and what must be asked. */
export interface Detection {
  /** The manifest as JSON, as far as it is known: what `rewardlens.model.json` would hold. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly fields: readonly FoundField[];
  /** Empty where nothing is missing. */
  readonly questions: readonly ModelQuestion[];
  /** Null while something is missing or wrong. */
  readonly manifest: ModelManifest | null;
  /** Why the manifest cannot be used although nothing is missing; empty otherwise. */
  readonly problem: string;
}

/** Heads whose score is read at a mark behind each step. */
const atMarks: readonly string[] = ["tokenClassification", "candidateTokens", "scalarPrm"];
const [leastTokens, mostTokens, usualTokens] = [16, 131_072, 2048] as const;

/** Pieces a manifest together from what a folder says and what a person has answered. */
export function detectManifest(facts: FolderFacts, answers: Answers = {}): Detection {
  const draft = new ManifestDraft();
  const questions: ModelQuestion[] = [];
  const detecting = { facts, answers, draft, questions };
  nameModel(detecting);
  const known = findKnown(facts);
  if (known !== null)
    for (const [field, value] of Object.entries(known.fragment(facts)))
      draft.set(field, value, `known: ${known.name}`);
  nameInputs(draft, facts);
  findOutput(detecting);
  findHead(detecting);
  findPlace(detecting);
  findTransform(detecting);
  findTemplate(detecting);
  findProbe(detecting);
  findLimits(detecting);
  const json = draft.toJson(manifestSchema);
  return { json, fields: draft.fields, questions, ...parsed(json, questions) };
}

interface Detecting {
  readonly facts: FolderFacts;
  readonly answers: Answers;
  readonly draft: ManifestDraft;
  readonly questions: ModelQuestion[];
}

function parsed(
  json: Readonly<Record<string, unknown>>,
  questions: readonly ModelQuestion[],
): Pick<Detection, "manifest" | "problem"> {
  if (questions.length > 0) return { manifest: null, problem: "" };
  try {
    return { manifest: parseModelManifest(json), problem: "" };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { manifest: null, problem: error.message };
  }
}

function nameModel({ facts, draft }: Detecting): void {
  const id = facts.name
    .replaceAll(/[^\w.-]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "")
    .slice(0, 64);
  draft.set("id", id === "" ? "model" : id, "folder name");
  draft.set("label", facts.name === "" ? null : facts.name, "folder name");
  draft.set("files.model", facts.model, "model file");
}

function findOutput({ facts, answers, draft, questions }: Detecting): void {
  draft.set("output.name", answers.output, "asked");
  const main = mainOutput(facts);
  draft.set("output.name", main?.name, "model file");
  if (draft.has("output.name")) return;
  const names = tellingOutputs(facts).map(({ name }) => name);
  if (names.length > 0) questions.push(askOutput(names));
}

/** The head by the class of the model, else by the shape of its output. */
function findHead({ facts, answers, draft, questions }: Detecting): void {
  if (answers.head !== undefined && headOf(answers.head) !== undefined)
    draft.set("head", answers.head, "asked");
  if (draft.has("head")) return;
  const [className = ""] = architecturesOf(facts);
  const labels = labelCount(facts);
  if (className.endsWith("ForTokenClassification") && labels !== null)
    draft.set("head", labels === 1 ? "valueHead" : "tokenClassification", "config.json architectures");
  if (/(?:ForSequenceClassification|RewardModel)$/.test(className))
    draft.set("head", "sequence", "config.json architectures");
  if (/(?:ForCausalLM|LMHeadModel)$/.test(className) && facts.marks.includes("\u2581\u043A\u0438"))
    draft.set("head", "candidateTokens", "tokenizer.json");
  if (!draft.has("head") && !/(?:ForCausalLM|LMHeadModel)$/.test(className))
    draft.set("head", headByShape(facts), "model file");
  if (!draft.has("head")) questions.push(askHead());
}

function headByShape(facts: FolderFacts): HeadId | null {
  const main = mainOutput(facts);
  if (main === null) return null;
  if (/^log_?probs$/.test(main.name)) return "languageModel";
  if (main.name === "last_hidden_state") return "hiddenStates";
  const form = formOf(main);
  if (form === null) return null;
  if (form.of === "text") return form.labels === 1 ? "sequence" : null;
  if (form.labels === 1) return /^values?$/.test(main.name) ? "valueHead" : null;
  return form.labels === 2 ? "tokenClassification" : null;
}

/** Where the score is read. */
function findPlace({ facts, answers, draft, questions }: Detecting): void {
  if (draft.has("read") || !draft.has("head")) return;
  const head = draft.text("head")!;
  if (atMarks.includes(head)) {
    const found = answers.mark === undefined && facts.marks.length === 1;
    const mark = answers.mark ?? (found ? facts.marks[0] : undefined);
    if (mark === undefined) questions.push(askMark(facts.marks));
    else draft.set("read", { at: "mark", mark, offset: 0 }, found ? "tokenizer.json" : "asked");
  } else if (head === "sequence") draft.set("read", { at: "last" }, "default");
  else if (head === "actionCritic" || head === "progress") draft.set("read", { at: "partEnd" }, "default");
  else if (head === "valueHead") draft.set("read", { at: "everyToken", shift: -1 }, "default");
  // Other heads read every token by themselves.
}

/** How the numbers there become a score: which transform, and which label or which tokens. */
function findTransform(detecting: Detecting): void {
  const { facts, answers, draft, questions } = detecting;
  const head = headOf(draft.text("head") ?? "");
  if (head === undefined) return;
  const given = head.transforms.find((one) => one === answers.transform);
  draft.set("output.transform", given, "asked");
  const main = mainOutput(facts);
  if (/^log_?probs$/.test(main?.name ?? "") && head.transforms.includes("logSoftmax"))
    draft.set("output.transform", "identity", "model file");
  if (facts.config["problem_type"] === "regression" && head.transforms.includes("identity"))
    draft.set("output.transform", "identity", "config.json problem_type");
  const labels = labelCount(facts) ?? (main === null ? null : (formOf(main)?.labels ?? null));
  if (head.id === "sequence" && labels !== null && labels > 1)
    draft.set("output.transform", "softmax", "config.json num_labels");
  if (head.id === "scalarPrm" && !draft.has("output.transform")) {
    questions.push(askTransform(head.transforms));
    return;
  }
  draft.set("output.transform", head.transforms[0], "default");
  if (head.id === "candidateTokens") findCandidates(detecting);
  else if (draft.get("output.transform") === "softmax") findGoodLabel(detecting, labels);
  findRange(draft, atMarks.includes(head.id));
}

function findGoodLabel({ facts, answers, draft, questions }: Detecting, labels: number | null): void {
  if (draft.has("output.index")) return;
  const names = labelNames(facts);
  if (answers.goodLabel !== undefined && /^\d{1,3}$/.test(answers.goodLabel))
    draft.set("output.index", Number(answers.goodLabel), "asked");
  draft.set("output.index", goodLabel(names), "config.json id2label");
  if (names.length === 0 && labels === 2) draft.set("output.index", 1, "default");
  if (draft.has("output.index")) return;
  const n = Math.max(names.length, labels ?? 2);
  questions.push(askGoodLabel(Array.from({ length: n }, (_, k) => names[k] ?? "")));
}

function findCandidates({ answers, draft, questions }: Detecting): void {
  const given = answers.candidates?.split(/\s+/).filter((name) => name !== "") ?? [];
  if (given.length > 1) draft.set("output.candidates", given, "asked");
  if (draft.has("output.candidates")) return;
  const words = "Which tokens are compared, the right one first? For example: + -";
  questions.push(askText("candidates", "output.candidates", words));
}

const ranges: Readonly<Partial<Record<Transform, readonly [number, number]>>> = {
  softmax: [0, 1],
  sigmoid: [0, 1],
  difference: [-1, 1],
};

function findRange(draft: ManifestDraft, isPrm: boolean): void {
  const range = ranges[draft.text("output.transform") as Transform];
  draft.set("range", range, "default");
  if (isPrm && range !== undefined) draft.set("threshold", (range[0] + range[1]) / 2, "default");
}

/** The layout: a chat by the model's template, or the question and the steps. */
function findTemplate({ facts, answers, draft, questions }: Detecting): void {
  const head = draft.text("head");
  if (draft.has("template") || head === null) return;
  const read = draft.get("read") as { readonly mark?: string } | undefined;
  const isMarked = atMarks.includes(head);
  if (isMarked && read?.mark === undefined) return;
  const hasChat = facts.chatTemplate !== null;
  const wanted = answers.template ?? (hasChat ? (isMarked ? undefined : "chat") : "plain");
  if (wanted === undefined) {
    questions.push(askTemplate());
    return;
  }
  const source = answers.template === undefined ? (hasChat ? "tokenizer_config.json" : "default") : "asked";
  const parts = isMarked ? { eachStep: ["{step}", { token: read!.mark }] } : { eachTurn: ["{content}"] };
  const { first, last } = facts.ends;
  const before = [...(first === null ? [] : [{ token: first }]), "{prompt}", { text: "\n" }];
  const after = last === null ? {} : { after: [{ token: last }] };
  draft.set(
    "template",
    wanted === "chat" ? { chat: true, system: "log", ...parts } : { before, ...parts, ...after },
    source,
  );
}

/** What heads of two models and of texts of their own making need. */
function findProbe({ facts, answers, draft, questions }: Detecting): void {
  const need = (id: "reference" | "better" | "worse", field: string, words: string): void => {
    draft.set(field, answers[id] === "" ? undefined : answers[id], "asked");
    if (!draft.has(field)) questions.push(askText(id, field, words));
  };
  const list = (id: "positive" | "negative", words: string): void => {
    const sentences = answers[id]?.split("|").map((one) => one.trim());
    const given = sentences?.filter((one) => one !== "");
    draft.set(`probe.${id}`, given?.length === 0 ? undefined : given, "asked");
    if (!draft.has(`probe.${id}`)) questions.push(askText(id, `probe.${id}`, words));
  };
  const head = draft.text("head");
  if (head === "logRatio") {
    const others = facts.models.filter((path) => path !== facts.model && /(?:^|[/_.-])ref/i.test(path));
    draft.set("files.reference", others.length === 1 ? others[0] : undefined, "model file");
    need("reference", "files.reference", "Which file is the reference model? A path inside the folder");
  }
  if (head === "contrastivePrompts") {
    need("better", "probe.better", "What asks for a good answer, before the prompt?");
    need("worse", "probe.worse", "What asks for a bad answer, before the prompt?");
  }
  if (head === "followUps") {
    list("positive", "What would a content user say next? Sentences with | between");
    list("negative", "What would a discontent user say next? Sentences with | between");
  }
}

/** The longest text, by config.json or the tokenizer; both may name absurd numbers. */
function findLimits({ facts, draft }: Detecting): void {
  const bound = (value: number | null): number | null =>
    value === null || value < leastTokens ? null : Math.min(mostTokens, Math.floor(value));
  const { config, tokenizerConfig } = facts;
  for (const name of ["max_position_embeddings", "n_positions", "max_sequence_length"])
    draft.set("limits.maxTokens", bound(numberOf(config, name)), `config.json ${name}`);
  const longest = numberOf(tokenizerConfig, "model_max_length");
  if (longest !== null && longest <= mostTokens)
    draft.set("limits.maxTokens", bound(longest), "tokenizer_config.json model_max_length");
  draft.set("limits.maxTokens", usualTokens, "default");
  draft.set("license", textOf(config, "license"), "config.json license");
}
