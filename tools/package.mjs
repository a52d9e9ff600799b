// Packs this platform's VSIX: dist/rewardlens-<platform>-<arch>.vsix. The allow-list is .vscodeignore.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

if (!existsSync("dist/extension.cjs")) throw new Error("nothing is built: run `npm run build` first");
const target = `${process.platform}-${process.arch}`;
const out = `dist/rewardlens-${target}.vsix`;
const vsce = "node_modules/@vscode/vsce/vsce";
const args = [
  "package",
  "--no-dependencies",
  "--skip-license",
  "--allow-missing-repository",
  "--no-rewrite-relative-links",
  "--target",
  target,
  "--out",
  out,
];
// The build was just made; vsce would run it again through vscode:prepublish.
const { status } = spawnSync(process.execPath, [vsce, ...args], { stdio: "inherit" });
process.exit(status ?? 1);
