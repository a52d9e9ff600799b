import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { describeModel } from "../../src/scorerClient/describeModel.ts";
import { findManifest, writeManifest } from "../../src/scorerClient/manifestPlace.ts";
import { modelFolders, readManifest, readModelFolder } from "../../src/scorerClient/modelFolder.ts";
import { placeOf } from "../../src/scorerClient/modelPlace.ts";
import { readOnnxHeader } from "../../src/scorerClient/onnxHeader.ts";
import { UserError } from "../../src/protocol/userError.ts";
import { repository } from "../cli/program.ts";
import { bundledModel } from "../scorer/program.ts";

const broken = join(repository, "test", "fixtures", "brokenModels");
let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rewardlens-model-"));
  folder = join(root, "my-prm");
  mkdirSync(folder);
  vi.stubEnv("REWARDLENS_DATA", join(root, "data"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  chmodSync(folder, 0o700);
  rmSync(root, { recursive: true, force: true });
});

/** A folder with a graph of the broken ones, the bundled model's tokenizer, and a manifest where one is given. */
function lay(graph: string, manifest: Record<string, unknown> | null = simple): void {
  copyFileSync(join(broken, `${graph}.onnx`), join(folder, "model.onnx"));
  for (const name of ["tokenizer.json", "config.json", "tokenizer_config.json"])
    copyFileSync(join(bundledModel, name), join(folder, name));
  if (manifest !== null) writeFileSync(join(folder, "rewardlens.model.json"), JSON.stringify(manifest));
}

const simple = {
  schema: "rewardlens.model/1",
  id: "simple",
  head: "tokenClassification",
  template: { eachStep: ["{step}", { token: "<step>" }] },
  read: { at: "mark", mark: "<step>" },
  inputs: { mask: null },
  limits: { maxTokens: 128 },
};

const refusal = (): Promise<string> =>
  readModelFolder(folder).then(
    () => "taken",
    (error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      return error.message;
    },
  );

describe("the header of an ONNX file", () => {
  test("says what the model takes and gives, whatever its weights weigh", () => {
    expect(readOnnxHeader(join(bundledModel, "model.onnx"))).toMatchObject({
      inputs: [
        { name: "input_ids", type: "int64", dims: ["batch_size", "sequence_length"] },
        { name: "attention_mask", type: "int64" },
      ],
      outputs: [{ name: "logits", type: "float", dims: ["batch_size", "sequence_length", 2] }],
      external: [],
    });
    expect(readOnnxHeader(join(broken, "external.onnx")).external).toEqual(["weights.bin"]);
  });

  test("of every beginning of a file is either read or refused, and nothing else", () => {
    const bytes = readFileSync(join(broken, "external.onnx"));
    const file = join(root, "cut.onnx");
    const messages = new Set<string>();
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length));
      try {
        readOnnxHeader(file);
      } catch (error) {
        messages.add((error as Error).message);
      }
    }
    expect([...messages].toSorted()).toEqual([
      "is cut off: it ends before what it announces",
      "is empty",
      "is no ONNX model",
    ]);
  });

  test("of bytes at random never hangs nor fails otherwise", () => {
    const file = join(root, "random.onnx");
    let state = 12345;
    const next = (): number => (state = (state * 1103515245 + 12345) % 2147483648);
    for (let run = 0; run < 300; run++) {
      writeFileSync(file, Buffer.from(Array.from({ length: 1 + (next() % 200) }, () => next() % 256)));
      try {
        readOnnxHeader(file);
      } catch (error) {
        expect((error as Error).message).toMatch(/^(?:is|nests) /);
      }
    }
  });
});

describe("a model's folder", () => {
  test("with a manifest is that manifest, every field of it said to be its", async () => {
    lay("right");
    const { files, digest } = await readModelFolder(folder);
    expect(files).toMatchObject({ model: join(folder, "model.onnx"), manifest: { id: "simple" } });
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    const { fields, manifestFile } = await describeModel(folder);
    expect(manifestFile).toBe(join(folder, "rewardlens.model.json"));
    expect(new Set(fields.map(({ source }) => source))).toEqual(new Set(["manifest"]));
  });

  test("without one is detected: the bundled model's files say all but their layout", async () => {
    cpSync(bundledModel, folder, { recursive: true });
    rmSync(join(folder, "rewardlens.model.json"));
    const { manifest, questions } = await describeModel(folder);
    expect(questions).toEqual([]);
    expect(manifest).toMatchObject({
      id: "my-prm",
      head: "tokenClassification",
      read: { at: "mark", mark: "<step>" },
      output: { name: "logits", transform: "softmax", index: 1 },
      limits: { maxTokens: 1024 },
    });
  });

  test("that does not say enough is refused with the fields that are missing", async () => {
    lay("right", null);
    writeFileSync(join(folder, "config.json"), "{}");
    writeFileSync(join(folder, "tokenizer.json"), '{"model": {"vocab": {"a": 0}}}');
    expect(await refusal()).toMatch(/my-prm: its files do not tell read\.mark\. Choose it with .*Re-score/);
  });

  test("has a new digest when the manifest, weights beside it or the chat template change, and else the same", async () => {
    lay("external");
    copyFileSync(join(broken, "weights.bin"), join(folder, "weights.bin"));
    const digests = [(await readModelFolder(folder)).digest];
    expect((await readModelFolder(folder)).digest).toBe(digests[0]);
    writeFileSync(join(folder, "weights.bin"), Buffer.alloc(8));
    digests.push((await readModelFolder(folder)).digest);
    writeFileSync(join(folder, "chat_template.jinja"), "{{ messages }}");
    digests.push((await readModelFolder(folder)).digest);
    writeFileSync(join(folder, "rewardlens.model.json"), JSON.stringify({ ...simple, threshold: 0.4 }));
    digests.push((await readModelFolder(folder)).digest);
    expect(new Set(digests).size).toBe(4);
    const tokenizer = "words/tokenizer.json";
    mkdirSync(join(folder, "words"));
    renameSync(join(folder, "tokenizer.json"), join(folder, tokenizer));
    writeFileSync(join(folder, "rewardlens.model.json"), JSON.stringify({ ...simple, files: { tokenizer } }));
    digests.push((await readModelFolder(folder)).digest);
    writeFileSync(join(folder, "words", "chat_template.jinja"), "{{ messages }}");
    digests.push((await readModelFolder(folder)).digest);
    expect(new Set(digests).size).toBe(6);
  });

  test("of transformers.js has its graphs in onnx/, exact numbers first; another is asked for by its path", async () => {
    lay("right", null);
    mkdirSync(join(folder, "onnx"));
    for (const name of ["model_quantized", "model", "model_q4", "model_fp16"])
      copyFileSync(join(broken, "right.onnx"), join(folder, "onnx", `${name}.onnx`));
    rmSync(join(folder, "model.onnx"));
    const place = await placeOf(folder);
    expect(place.models.map((path) => basename(path, ".onnx"))).toEqual([
      "model",
      "model_fp16",
      "model_quantized",
      "model_q4",
    ]);
    expect(await readManifest(folder)).toMatchObject({ id: "my-prm", files: { model: "onnx/model.onnx" } });
    const quantized = await readModelFolder(join(folder, "onnx", "model_quantized.onnx"));
    expect(quantized.files).toMatchObject({
      model: join(folder, "onnx", "model_quantized.onnx"),
      tokenizer: join(folder, "tokenizer.json"),
      manifest: { id: "my-prm_quantized" },
    });
    expect(await readManifest(join(folder, "onnx", "model.onnx"))).toMatchObject({ id: "my-prm" });
    expect(await modelFolders(root)).toEqual([folder]);
  });

  test("in a cache of Hugging Face is called by its repository, its files being links to blobs", async () => {
    lay("right");
    const hub = join(root, "hub", "models--org--Some-PRM");
    const snapshot = join(hub, "snapshots", "0123abcd");
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(hub, "blobs"));
    for (const name of ["model.onnx", "tokenizer.json", "config.json", "rewardlens.model.json"]) {
      renameSync(join(folder, name), join(hub, "blobs", name));
      symlinkSync(join("..", "..", "blobs", name), join(snapshot, name));
    }
    expect((await placeOf(snapshot)).name).toBe("Some-PRM");
    expect((await readModelFolder(snapshot)).files.manifest.id).toBe("simple");
  });
});

describe("a folder that is wrong is refused with the file's name and what to do", () => {
  test.each([
    [
      "external-missing",
      /no-such-file\.bin: is missing; .*model\.onnx holds its weights there\. Put it beside/,
    ],
    ["external-outside", /model\.onnx: wants weights from "\.\.\/outside\.bin", outside the model's folder/],
    ["external-absolute", /wants weights from "\/tmp\/rewardlens-outside\.bin", outside the model's folder/],
    ["bfloat16", /model\.onnx: its output "logits" is bfloat16.*Export the model in float32/],
  ])("%s", async (graph, words) => {
    lay(graph);
    writeFileSync(join(root, "outside.bin"), Buffer.alloc(8));
    expect(await refusal()).toMatch(words);
  });

  test("files that are links out of it, cut off, pointers, of another kind, or not there", async () => {
    lay("right");
    truncateSync(join(folder, "model.onnx"), 150);
    expect(await refusal()).toMatch(/model\.onnx: is cut off.*Copy the file again/);
    writeFileSync(join(folder, "model.onnx"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    expect(await refusal()).toMatch(/is a pointer of Git LFS.*git lfs pull/);
    writeFileSync(join(folder, "model.onnx"), "");
    expect(await refusal()).toMatch(/model\.onnx: is empty/);
    rmSync(join(folder, "model.onnx"));
    expect(await refusal()).toMatch(/model\.onnx: is missing\. Put it there/);
    copyFileSync(join(broken, "right.onnx"), join(root, "elsewhere.onnx"));
    symlinkSync(join(root, "elsewhere.onnx"), join(folder, "model.onnx"));
    expect(await refusal()).toMatch(
      /model\.onnx: is a link that leaves the model's folder, to .*elsewhere\.onnx/,
    );
    rmSync(join(folder, "model.onnx"));
    symlinkSync("model.onnx", join(folder, "model.onnx"));
    expect(await refusal()).toMatch(/model\.onnx: is a link to itself/);
    rmSync(join(folder, "model.onnx"));
    rmSync(join(folder, "rewardlens.model.json"));
    expect(await refusal()).toMatch(/holds no \.onnx file/);
    writeFileSync(join(folder, "model.safetensors"), "");
    expect(await refusal()).toMatch(/holds weights of PyTorch \(model\.safetensors\) and no ONNX model/);
    await expect(readModelFolder(join(root, "nowhere"))).rejects.toThrow(/nowhere: is missing\. Choose/);
  });

  test("a tokenizer that is missing, only a slow one, or another model's", async () => {
    lay("right");
    writeFileSync(join(folder, "config.json"), '{"vocab_size": 100}');
    expect(await refusal()).toMatch(
      /tokenizer\.json: has ids up to \d+, and the model knows 100: it is another model's\. Take the tokenizer/,
    );
    const words = { model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] } };
    const added = [{ id: 100, content: "<step>", special: true }];
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify({ ...words, added_tokens: added }));
    expect(await refusal()).toMatch(/the token "<step>" has the id 100, and the model knows 100/);
    // An added token that no one asks for is no matter: many tokenizers have one.
    const unused = [...added.map((one) => ({ ...one, id: 99 })), { id: 100, content: "<pad>" }];
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify({ ...words, added_tokens: unused }));
    expect(await refusal()).toBe("taken");
    rmSync(join(folder, "tokenizer.json"));
    expect(await refusal()).toMatch(/tokenizer\.json: is missing\. Copy it from the model's repository/);
    writeFileSync(join(folder, "tokenizer.model"), "");
    expect(await refusal()).toMatch(/tokenizer\.json: is missing; there is only tokenizer\.model\. Save/);
  });

  test("a tokenizer_config.json that is broken, and a chat template that lies elsewhere", async () => {
    lay("right");
    const config = join(folder, "tokenizer_config.json");
    for (const text of ["", "{", "[]", "null"]) {
      writeFileSync(config, text);
      expect(await refusal()).toMatch(
        /tokenizer_config\.json: is not a JSON object\. Copy tokenizer_config\.json from the model again/,
      );
    }
    rmSync(config);
    expect(await refusal()).toBe("taken");
    writeFileSync(join(root, "outside.jinja"), "{{ messages }}");
    symlinkSync(join(root, "outside.jinja"), join(folder, "chat_template.jinja"));
    expect(await refusal()).toMatch(/chat_template\.jinja: is a link that leaves the model's folder/);
  });

  test("a manifest that is no JSON, or says something wrong", async () => {
    lay("right", { ...simple, head: "oracle" });
    expect(await refusal()).toMatch(/rewardlens\.model\.json: "head" must be one of tokenClassification/);
    writeFileSync(join(folder, "rewardlens.model.json"), "{");
    expect(await refusal()).toMatch(/rewardlens\.model\.json: is not JSON/);
    lay("right", { ...simple, files: { model: "../model.onnx" } });
    expect(await refusal()).toMatch(/"files\.model" must be a path inside the model's folder/);
  });
});

describe("a manifest that is written", () => {
  test("lies beside the model, and is never written over", async () => {
    lay("right", null);
    const place = await placeOf(folder);
    expect(await writeManifest(place, simple)).toBe(join(folder, "rewardlens.model.json"));
    expect((await readManifest(folder)).id).toBe("simple");
    await expect(writeManifest(place, simple)).rejects.toThrow(/is there already/);
  });

  // Who may do everything may write everywhere.
  test.skipIf(process.getuid?.() === 0)("for a folder that cannot be written is kept elsewhere", async () => {
    lay("right", null);
    chmodSync(folder, 0o500);
    const place = await placeOf(folder);
    const file = await writeManifest(place, simple);
    expect(file.startsWith(join(root, "data", "models"))).toBe(true);
    expect((await findManifest(place))?.file).toBe(file);
    expect((await readManifest(folder)).id).toBe("simple");
  });
});
