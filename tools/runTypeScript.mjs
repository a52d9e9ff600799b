// Runs a TypeScript program of this repository on the system's Node: bundles it to one file and starts that.
//   node tools/runTypeScript.mjs FILE.ts [ARGUMENT…]
import { build } from "esbuild";
import { mkdirSync, rmSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) throw new Error("usage: node tools/runTypeScript.mjs FILE.ts [ARGUMENT…]");
const folder = resolve("node_modules/.cache/tools");
mkdirSync(folder, { recursive: true });
const outfile = `${folder}/${basename(entry, ".ts")}-${process.pid}.mjs`;
process.on("exit", () => rmSync(outfile, { force: true }));
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
process.argv = [process.argv[0] ?? "node", entry, ...args];
await import(pathToFileURL(outfile).href);
