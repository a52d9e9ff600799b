import { spawnSync } from "node:child_process";
import { BlobWriter, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js/lib/zip-core-native.js";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type * as ZipArchive from "../../src/scorerClient/zipArchive.ts";
import { repository } from "./harness/workspace.ts";

test("the package holds only what runs", () => {
  const vsce = join(repository, "node_modules/@vscode/vsce/vsce");
  const { stdout } = spawnSync(process.execPath, [vsce, "ls", "--no-dependencies"], {
    cwd: repository,
    encoding: "utf8",
  });
  const all = stdout.split("\n").filter((line) => line !== "");
  const runtime = "dist/node_modules/onnxruntime-";
  const files = all.filter((file) => !file.startsWith(runtime));
  expect(files.toSorted()).toEqual(
    [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "THIRD_PARTY_NOTICES.md",
      "dist/extension.cjs",
      "dist/indexWorker.cjs",
      "dist/schemaService.cjs",
      "dist/scorer.cjs",
      "dist/sqlite.cjs",
      "dist/storeWorker.cjs",
      "dist/webview/credit.css",
      "dist/webview/credit.js",
      "dist/webview/curves.css",
      "dist/webview/curves.js",
      "dist/zipArchive.cjs",
      "media/activity.svg",
      "media/icon.png",
      "media/models/arithmetic-starter/MODEL_CARD.md",
      "media/models/arithmetic-starter/config.json",
      "media/models/arithmetic-starter/model.onnx",
      "media/models/arithmetic-starter/rewardlens.model.json",
      "media/models/arithmetic-starter/tokenizer.json",
      "media/models/arithmetic-starter/tokenizer_config.json",
      "media/trace/language-configuration.json",
      "media/trace/trace.tmLanguage.json",
      "package.json",
      "schemas/rewardlens-1.schema.json",
      "schemas/rewardlens.model.schema.json",
    ].toSorted(),
  );
  const binaries = all.filter((file) => /\.(node|so[.\d]*|dylib|dll)$/.test(file));
  expect(binaries.length).toBeGreaterThan(0);
  for (const file of binaries) expect(file).toContain(`/napi-v6/${process.platform}/${process.arch}/`);
  const others = all.filter((file) => file.startsWith(runtime) && !binaries.includes(file));
  for (const file of others) expect(file).toMatch(/\.(js|mjs|json|wasm)$/);
  expect(others).toContain("dist/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");
});

test("the reader of zip archives is a bundle of its own, which the extension asks for when it needs it", async () => {
  const dist = join(repository, "dist");
  const text = (name: string): string => readFileSync(join(dist, name), "utf8");
  // One of zip.js's errors.
  const words = "File format is not recognized";
  expect(text("zipArchive.cjs")).toContain(words);
  expect(text("extension.cjs")).not.toContain(words);
  expect(text("extension.cjs")).toContain('import("./zipArchive.cjs")');
  const folder = mkdtempSync(join(tmpdir(), "rewardlens-zip-"));
  try {
    const writer = new ZipWriter(new BlobWriter());
    for (const name of ["a/one.txt", "b/two.txt"])
      await writer.add(name, new Uint8ArrayReader(new TextEncoder().encode(name)));
    const file = join(folder, "archive.zip");
    writeFileSync(file, new Uint8Array(await (await writer.close()).arrayBuffer()));
    const load = createRequire(import.meta.url);
    const { takeOut } = load(join(dist, "zipArchive.cjs")) as typeof ZipArchive;
    await takeOut(file, folder, (path) => path === "b/two.txt");
    expect(readdirSync(folder).toSorted()).toEqual(["archive.zip", "two.txt"]);
    expect(readFileSync(join(folder, "two.txt"), "utf8")).toBe("b/two.txt");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
