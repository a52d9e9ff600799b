import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPath, showFirstRollout } from "./harness/rollouts.ts";
import { scoreByCommandLine } from "./harness/scoredLog.ts";
import { Workbench } from "./harness/workbench.ts";
import { makeWorkspace, repository, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const log = join(workspace.folder, "verl-run", "rollouts", "1.jsonl");
const root = join(workspace.folder, "..");
/** The folder of models in the settings, and a model that is in none. */
const mystery = join(root, "models", "mystery-prm");
const lettered = join(root, "elsewhere", "lettered-prm");
const starter = join(repository, "media", "models", "arithmetic-starter");
/** The bundled model's own layout, as a chat template. */
const chatTemplate =
  "{{ bos_token }}{% for message in messages %}{{ message.content }}" +
  "{% if message.role != 'assistant' %}<sol>{% endif %}{% endfor %}";

const questions = {
  head: "What does the model give?",
  mark: "Which token stands behind each step, where its score is read?",
  goodLabel: "Which label says that a step is good?",
  template: "How is a rollout laid out for the model?",
  candidates: "Which tokens are compared, the right one first? For example: + -",
} as const;

let workbench: Workbench;

/** The bundled model without its manifest, its labels called by letters. */
function lay(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ["model.onnx", "tokenizer.json", "config.json", "tokenizer_config.json"])
    cpSync(join(starter, name), join(folder, name));
  change(folder, "config.json", { id2label: { 0: "a", 1: "b" }, label2id: { a: 0, b: 1 } });
}

function change(folder: string, name: string, fields: Readonly<Record<string, unknown>>): void {
  const path = join(folder, name);
  const before = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...before, ...fields }));
}

beforeAll(async () => {
  process.env["REWARDLENS_CACHE"] = join(root, "cache");
  process.env["REWARDLENS_DATA"] = join(root, "data");
  lay(lettered);
  lay(mystery);
  // Neither its class, nor a step's mark of a name that others use, nor a layout gives away what it is.
  change(mystery, "config.json", { architectures: ["MysteryForCausalLM"] });
  change(mystery, "tokenizer_config.json", { chat_template: chatTemplate });
  const tokenizer = join(mystery, "tokenizer.json");
  writeFileSync(tokenizer, readFileSync(tokenizer, "utf8").replaceAll('"<step>"', '"<judge>"'));
  // In the workspace: of a setting for machines, a workbench in the browser does not take the user's.
  mkdirSync(join(workspace.folder, ".vscode"));
  writeFileSync(
    join(workspace.folder, ".vscode", "settings.json"),
    JSON.stringify({ "rewardLens.scorer.models": [join(root, "models")] }),
  );
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
  await openPath(workbench, log, "file");
  await showFirstRollout(workbench);
  await workbench.until(async () => (await workbench.marks()).length > 0, "numbers at the steps");
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

const widget = ".quick-input-widget";

/** Waits until the form asks something; a field's words stand in a list's input or under an input box. */
async function asked(words: string): Promise<void> {
  await workbench.until(async () => {
    const input = workbench.page.locator(`${widget} .input`).first();
    if (!(await input.isVisible())) return false;
    if ((await input.getAttribute("placeholder")) === words) return true;
    return (await workbench.page.locator(`${widget} .quick-input-message`).first().innerText()).includes(
      words,
    );
  }, `the question "${words}"`);
}

async function choose(question: keyof typeof questions, label: string): Promise<void> {
  await asked(questions[question]);
  await workbench.pick(label, { exact: true });
}

/** Answers with a text that is not among the choices. */
async function write(question: keyof typeof questions, text: string): Promise<void> {
  await asked(questions[question]);
  if (question === "mark") await workbench.pick("Another…");
  const message = workbench.page.locator(`${widget} .quick-input-message`, { hasText: questions[question] });
  await message.first().waitFor();
  await workbench.type(text);
}

async function rescore(model: string): Promise<void> {
  await workbench.palette("RewardLens: Re-score with Model…");
  await workbench.pick(model);
}

/** Gives up what is asked, and sees that nothing came of it. */
async function giveUp(): Promise<void> {
  await workbench.page.keyboard.press("Escape");
  await workbench.page.locator(widget).first().waitFor({ state: "hidden" });
  await workbench.page.waitForTimeout(1000);
  expect(await workbench.dialogs()).toBe(0);
  expect(await workbench.notifications()).toEqual([]);
  expect(await workbench.page.locator(widget).first().isVisible()).toBe(false);
  expect(existsSync(join(mystery, "rewardlens.model.json"))).toBe(false);
  expect(existsSync(join(root, "data"))).toBe(false);
}

/** The report of a scoring that has ended; it is cleared away. */
async function report(): Promise<string> {
  const text = await workbench.until(
    async () => (await workbench.notifications()).find((one) => one.includes("rollouts scored on the")),
    "the report",
    120_000,
  );
  await workbench.palette("Notifications: Clear All Notifications");
  return text;
}

const manifestOf = (folder: string): unknown =>
  JSON.parse(readFileSync(join(folder, "rewardlens.model.json"), "utf8"));

/** Scores at the steps that are on screen, as they are written there. */
async function shownScores(): Promise<readonly string[]> {
  return (await workbench.marks()).flatMap((mark) => /PRM ([\d.]+)/.exec(mark)?.[1] ?? []);
}

describe("a model whose files do not say what it is", () => {
  test("is left as it was when a question is answered with Escape, the first or a later one", async () => {
    const before = await workbench.marks();
    await rescore("mystery-prm");
    await asked(questions.head);
    await giveUp();
    await rescore("mystery-prm");
    await choose("head", "Token classification");
    await write("mark", "<judge>");
    await asked(questions.goodLabel);
    await giveUp();
    expect(await workbench.marks()).toEqual(before);
  });

  test("asks again, with the answer in place, where what was written is no answer", async () => {
    await rescore("mystery-prm");
    await choose("head", "Candidate tokens");
    await write("mark", "<judge>");
    await write("candidates", "+");
    const message = workbench.page.locator(`${widget} .quick-input-message`, { hasText: "does not answer" });
    await message.first().waitFor();
    expect(await workbench.page.locator(`${widget} .input`).first().inputValue()).toBe("+");
    await workbench.screenshot(join(results, "model-form-refused.png"));
    await giveUp();
  });

  test("is asked about question by question; the manifest is written beside it and shown", async () => {
    rmSync(join(mystery, "rewardlens.model.json"), { force: true });
    await rescore("mystery-prm");
    await choose("head", "Token classification");
    await write("mark", "<judge>");
    await asked(questions.goodLabel);
    await workbench.screenshot(join(results, "model-form.png"));
    await choose("goodLabel", "b");
    await choose("template", "Chat");
    expect(await report()).toContain("of 12 rollouts scored");
    expect(manifestOf(mystery)).toEqual({
      schema: "rewardlens.model/1",
      id: "mystery-prm",
      label: "mystery-prm",
      head: "tokenClassification",
      files: { model: "model.onnx" },
      inputs: { ids: "input_ids", mask: "attention_mask" },
      template: { chat: true, system: "log", eachStep: ["{step}", { token: "<judge>" }] },
      read: { at: "mark", mark: "<judge>", offset: 0 },
      output: { name: "logits", transform: "softmax", index: 1 },
      range: [0, 1],
      threshold: 0.5,
      limits: { maxTokens: 1024 },
    });
    expect(await workbench.statusBar()).toContain("mystery-prm");
    expect(await workbench.dialogs()).toBe(0);
    expect(await workbench.page.locator(".tab", { hasText: "rewardlens.model.json" }).count()).toBe(1);
  });

  test("scores as the same model does by a manifest written by hand; the trace has kept the focus", async () => {
    expect((await workbench.editorLines())[0]).toContain("◆ rollout 1");
    const [first] = scoreByCommandLine({
      log,
      model: "arithmetic-starter",
      out: join(root, "by-hand.jsonl"),
    });
    const wanted = first!.map((score) => score.toFixed(2));
    expect(wanted.length).toBe(5);
    await workbench.until(async () => (await shownScores()).length === wanted.length, "scores at the steps");
    expect(await shownScores()).toEqual(wanted);
    await workbench.screenshot(join(results, "model-form-scored.png"));
  });

  test("asks nothing the second time", async () => {
    await rescore("mystery-prm");
    expect(await report()).toContain("0 of 12 rollouts scored");
  });
});

describe("a model folder that is chosen in the dialog", () => {
  test("is asked only for what it lacks, and scores", async () => {
    rmSync(join(lettered, "rewardlens.model.json"), { force: true });
    await chooseFolder(lettered);
    await choose("goodLabel", "a");
    expect(await report()).toContain("of 12 rollouts scored");
    expect(manifestOf(lettered)).toMatchObject({
      id: "lettered-prm",
      head: "tokenClassification",
      read: { at: "mark", mark: "<step>", offset: 0 },
      output: { name: "logits", transform: "softmax", index: 0 },
    });
    expect(await workbench.statusBar()).toContain("lettered-prm");
    expect(await workbench.dialogs()).toBe(0);
    expect(workbench.errors).toEqual([]);
  });
});

/** "Model folder…" of the list of models. The dialog may write a path of its own over what was filled in. */
async function chooseFolder(path: string): Promise<void> {
  const { page } = workbench;
  const input = page.locator(`${widget} .input`).first();
  const accept = page.locator(`${widget} .monaco-button`, { hasText: "Take This Model" }).first();
  await rescore("Model folder…");
  await accept.waitFor();
  await workbench.until(async () => {
    await input.fill(`${path}/`);
    await page.waitForTimeout(1000);
    return (await input.inputValue()) === `${path}/`;
  }, `${path} in the dialog`);
  await accept.click();
}
