import * as vscode from "vscode";
import type { Answers, ModelQuestion } from "../../core/head/modelQuestion.ts";
import { type ModelDescription, type ModelPlace, problemOf } from "../../protocol/modelDescription.ts";
import { verifierPrefix } from "../../protocol/scorer.ts";
import type { StoreApi } from "../../protocol/store.ts";
import { writeManifest } from "../../scorerClient/manifestPlace.ts";
import { UserError } from "../../protocol/userError.ts";
import { commands } from "../names.ts";

interface AnswerItem extends vscode.QuickPickItem {
  readonly answer?: string;
}

/**
 * Asks what a model's files do not say, writes the manifest beside it (or among this user's, where the folder cannot be
 * written), and opens it.
 * @returns whether the model can be used now: it could be all along, or everything was answered
 * @throws UserError that says what is wrong with the model
 */
export async function completeModel(store: StoreApi, path: string): Promise<boolean> {
  if (path.startsWith(verifierPrefix)) return true;
  let answers: Answers = {};
  let description = await store.describeModel(path, answers);
  if (description.manifest !== null) return true;
  while (description.questions.length > 0) {
    const [question] = description.questions;
    const answered = await answerTo(question!, { store, answers, place: description.place });
    if (answered === undefined) return false;
    ({ answers, description } = answered);
  }
  if (description.manifest === null) throw new UserError("model/manifest", problemOf(description));
  await write(description);
  return true;
}

interface Asking {
  readonly store: StoreApi;
  /** Those so far. */
  readonly answers: Answers;
  readonly place: ModelPlace;
}

interface Answered {
  readonly answers: Answers;
  readonly description: ModelDescription;
}

/** An answer that was written and that is none. */
interface Refused {
  readonly answer: string;
  readonly why: string;
}

/** Asks one thing until its answer is one. @returns the model with it; undefined when the person gave up */
async function answerTo(
  question: ModelQuestion,
  { store, answers: before, place }: Asking,
): Promise<Answered | undefined> {
  let refused: Refused | null = null;
  for (;;) {
    const answer = await ask(question, place, refused);
    if (answer === undefined) return undefined;
    const answers = { ...before, [question.id]: answer };
    const description = await store.describeModel(place.path, answers);
    const why = whyNot(question, description);
    if (why === "") return { answers, description };
    // Chosen again, a choice would be refused again.
    if (!question.isFree)
      throw new UserError("model/answer", `${JSON.stringify(answer)} is no answer to: ${question.words}`);
    refused = { answer, why };
  }
}

/** Why what was just said of a field cannot be taken; empty where it can. */
function whyNot({ id, field }: ModelQuestion, { questions, problem }: ModelDescription): string {
  if (questions.some((question) => question.id === id)) return "That does not answer it.";
  return problem.startsWith(JSON.stringify(field)) ? `${problem}.` : "";
}

async function ask(
  { words, choices, isFree }: ModelQuestion,
  { name }: ModelPlace,
  refused: Refused | null,
): Promise<string | undefined> {
  const title = `What Is This Model? ${name}`;
  if (choices.length === 0 || refused !== null) return askText(title, words, refused);
  const items: AnswerItem[] = choices.map(({ value, label, doc }) => ({ label, detail: doc, answer: value }));
  const other: AnswerItem = { label: "$(edit) Another…" };
  const picked = await vscode.window.showQuickPick(isFree ? [...items, other] : items, {
    title,
    placeHolder: words,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  return picked === other ? askText(title, words, null) : picked?.answer;
}

function askText(title: string, words: string, refused: Refused | null): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt: refused === null ? words : `${refused.why} ${words}`,
    ignoreFocusOut: true,
    value: refused?.answer ?? "",
    validateInput: (text) => (text === "" ? "Nothing is no answer; Escape gives up." : null),
  });
}

async function write({ place, json }: ModelDescription): Promise<void> {
  const file = await writeManifest(place, json);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  // The trace keeps the focus: it is what is scored first, and what a next command is about.
  const viewColumn = vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus: true, viewColumn });
  const look = "Dry Run";
  const said = `RewardLens: ${file} says how ${place.name} is read. A dry run shows it on one rollout.`;
  void vscode.window.showInformationMessage(said, look).then((chosen) => {
    if (chosen === look) void vscode.commands.executeCommand(commands.dryRun, place.path);
  });
}
