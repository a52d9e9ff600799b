// Bundles each program of the project into dist/. `vscode` is external in the host bundle alone, so that an
// import of it anywhere else fails the build.
import { build, context } from "esbuild";
import { rmSync } from "node:fs";

const node = { platform: "node", target: "node20", bundle: true, sourcemap: "linked", logLevel: "info" };

/** @type {import("esbuild").BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: { extension: "src/extension/extension.ts", schema: "src/extension/schema/schemaService.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    external: ["vscode", "./schema.cjs"],
    mainFields: ["module", "main"],
    minify: true,
  },
  {
    ...node,
    entryPoints: { storeWorker: "src/store/storeWorker.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    outdir: "dist",
    minify: true,
  },
  {
    ...node,
    entryPoints: { cli: "src/cli/cli.ts" },
    format: "esm",
    outdir: "dist",
    banner: { js: "#!/usr/bin/env node" },
  },
];

if (process.argv.includes("--watch")) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  rmSync("dist", { recursive: true, force: true });
  await Promise.all(bundles.map((options) => build(options)));
}
