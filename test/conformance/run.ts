// npm run conformance -- FILE…   golden files of official implementations against this product.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { adapters } from "./adapters/registry.ts";
import { checkCase } from "./check.ts";
import type { Golden } from "./golden.ts";

const files = process.argv.slice(2);
let passed = 0;
let failed = 0;
let unusable = files.length === 0;
if (unusable) console.error("usage: npm run conformance -- FILE…");

for (const file of files) {
  const adapter = adapters.find((entry) => entry.file === basename(file, ".json"));
  if (adapter === undefined) {
    console.error(
      `${file}: no adapter; there are ones for ${adapters.map((entry) => entry.file).join(", ")}`,
    );
    unusable = true;
    continue;
  }
  const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;
  for (const one of golden.cases) {
    const unlike = checkCase(adapter, one, golden.dtype);
    if (unlike.length === 0) passed++;
    else failed++;
    console.log(`${unlike.length === 0 ? "ok  " : "FAIL"} ${adapter.file} / ${one.name}`);
    for (const line of unlike.slice(0, 5)) console.log(`       ${line}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = unusable ? 2 : failed > 0 ? 1 : 0;
