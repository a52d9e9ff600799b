import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ModelFiles } from "../../src/protocol/scorer.ts";
import { UserError } from "../../src/protocol/userError.ts";
import { loadModel } from "../../src/scorer/loadModel.ts";
import { readModelFolder } from "../../src/scorerClient/modelFolder.ts";
import { modelFixtures } from "./modelFixtures.ts";

let folder: string;
let config: string;
let files: ModelFiles;

/** A model whose chat template lies in tokenizer_config.json. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-load-"));
  cpSync(join(modelFixtures, "qwenPrm"), folder, { recursive: true });
  config = join(folder, "tokenizer_config.json");
  files = (await readModelFolder(folder)).files;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What keeps the model from being loaded; null where nothing does. */
async function refusal(): Promise<string | null> {
  try {
    const ready = await loadModel(files, { device: "cpu", threads: 1 });
    await ready.release();
    return null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

test("tokenizer_config.json may be missing where nothing is needed of it", async () => {
  const { chat_template: template } = JSON.parse(readFileSync(config, "utf8")) as { chat_template: string };
  writeFileSync(join(folder, "chat_template.jinja"), template);
  rmSync(config);
  expect(await refusal()).toBeNull();
});

test("without the chat template that is asked for the model is refused with what to do", async () => {
  rmSync(config);
  expect(await refusal()).toMatch(/chat template is neither in chat_template\.jinja .* Correct "template"/);
});

test("a broken tokenizer_config.json is named and never read as an empty one", async () => {
  for (const text of ["", "{", "[1]", "null"]) {
    writeFileSync(config, text);
    expect(await refusal()).toBe(
      `${config}: is not a JSON object. Copy tokenizer_config.json from the model again.`,
    );
  }
});
