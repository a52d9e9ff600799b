// Bundles each program of the project into dist/. `vscode` is external in the host bundle alone, so that an
// import of it anywhere else fails the build.
import { build, context } from "esbuild";
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { copyOnnxRuntime } from "./tools/onnxRuntime.mjs";

const node = { platform: "node", target: "node20", bundle: true, sourcemap: "linked", logLevel: "info" };

/**
 * What is large and seldom needed is a bundle of its own, loaded by the first who needs it: the JSON language service
 * when a log is written by hand, and the reader of zip archives when a GPU's libraries are installed.
 * @type {import("esbuild").Plugin}
 */
const lazyParts = {
  name: "lazy-parts",
  setup(plugin) {
    plugin.onResolve({ filter: /\/(?:schemaService|zipArchive)\.ts$/ }, ({ path }) => ({
      path: `./${basename(path, ".ts")}.cjs`,
      external: true,
    }));
  },
};

/**
 * SQLite is as large as the rest of the store's worker, and needed only where a run has a database: a file of its own
 * beside the bundle, in the one module format that it runs in.
 * @type {import("esbuild").Plugin}
 */
const lazySqlite = {
  name: "lazy-sqlite",
  setup(plugin) {
    plugin.onResolve({ filter: /^sql\.js\/dist\/sql-wasm-inline\.js$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./sqlite.cjs", external: true },
    );
  },
};

/** @type {import("esbuild").BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: { extension: "src/extension/extension.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    external: ["vscode"],
    plugins: [lazyParts],
    minify: true,
  },
  {
    ...node,
    entryPoints: { schemaService: "src/extension/schema/schemaService.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    mainFields: ["module", "main"],
    minify: true,
  },
  {
    ...node,
    entryPoints: { zipArchive: "src/scorerClient/zipArchive.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    minify: true,
  },
  {
    ...node,
    entryPoints: { storeWorker: "src/worker/storeWorker.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    plugins: [lazySqlite],
    minify: true,
  },
  {
    ...node,
    entryPoints: { indexWorker: "src/worker/indexWorker.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    plugins: [lazySqlite],
    minify: true,
  },
  {
    ...node,
    entryPoints: { sqlite: "sql.js/dist/sql-wasm-inline.js" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    minify: true,
  },
  {
    ...node,
    entryPoints: { scorer: "src/scorer/scorer.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    // Their native part and WebAssembly lie beside the bundle, in dist/node_modules.
    external: ["onnxruntime-node", "onnxruntime-web"],
    minify: true,
  },
  {
    entryPoints: { curves: "webview/curves.ts", credit: "webview/credit/credit.ts" },
    platform: "browser",
    target: "es2022",
    format: "iife",
    bundle: true,
    sourcemap: "linked",
    logLevel: "info",
    outdir: "dist/webview",
    minify: true,
  },
  {
    ...node,
    entryPoints: { cli: "src/cli/cli.ts" },
    format: "esm",
    outdir: "dist",
    plugins: [lazySqlite],
    banner: { js: "#!/usr/bin/env node" },
  },
];

if (process.argv.includes("--watch")) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  rmSync("dist", { recursive: true, force: true });
  await Promise.all(bundles.map((options) => build(options)));
}
copyOnnxRuntime("dist/node_modules");
