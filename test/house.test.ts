import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));
const house = mkdtempSync(join(tmpdir(), "rewardlens-house-"));
afterAll(() => rmSync(house, { recursive: true, force: true }));

/** What lint says of a file of this content at this place. */
function lint(path: string, content: string): string {
  copyFileSync(join(repository, ".oxlintrc.json"), join(house, ".oxlintrc.json"));
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), content);
  const oxlint = join(repository, "node_modules", "oxlint", "bin", "oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "-c", ".oxlintrc.json", path], {
    cwd: house,
    encoding: "utf8",
  });
  return stdout;
}

test("an arrow that points the wrong way is a lint error, type-only ones too", () => {
  for (const [path, module, message] of [
    ["src/core/a.ts", "vscode", "src/core is pure"],
    ["src/core/b.ts", "node:fs", "src/core is pure"],
    ["src/core/c.ts", "../store/run.ts", "src/core imports core only"],
    ["src/protocol/d.ts", "../extension/session.ts", "src/protocol imports core only"],
    ["src/store/e.ts", "vscode", "src/store imports"],
    ["src/cli/f.ts", "../extension/session.ts", "src/cli imports"],
    ["src/extension/g.ts", "../cli/output.ts", "src/extension imports"],
    ["src/extension/h.ts", "onnxruntime-node", "src/extension imports"],
    ["src/store/i.ts", "../scorerClient/scoreCache.ts", "src/store imports"],
    ["src/store/j.ts", "onnxruntime-node", "src/store imports"],
    ["src/scorer/k.ts", "../store/run.ts", "src/scorer imports"],
    ["src/scorerClient/l.ts", "onnxruntime-node", "onnxruntime is the child's"],
    ["src/worker/m.ts", "../extension/session.ts", "src/worker imports"],
    ["webview/n.ts", "../src/store/run.ts", "webview imports"],
    ["webview/o.ts", "@vscode/webview-ui-toolkit", "webview/ui.ts alone"],
    ["webview/charts/p.ts", "@vscode/webview-ui-toolkit", "webview/ui.ts alone"],
    ["webview/q.ts", "chart.js", "webview/charts alone"],
  ] as const) {
    expect(lint(path, `import type { X } from "${module}";\nexport type Y = X;\n`), path).toContain(message);
  }
});

test("an arrow that points the right way is none", () => {
  expect(
    lint("webview/ui.ts", 'import type { X } from "@vscode/webview-ui-toolkit";\nexport type Y = X;\n'),
  ).not.toContain("alone");
  expect(
    lint("webview/charts/ok.ts", 'import type { X } from "chart.js";\nexport type Y = X;\n'),
  ).not.toContain("alone");
  expect(
    lint("src/scorer/ok.ts", 'import type { X } from "onnxruntime-node";\nexport type Y = X;\n'),
  ).not.toContain("imports");
  expect(
    lint("src/store/ok.ts", 'import type { X } from "../core/x.ts";\nexport type Y = X;\n'),
  ).not.toContain("imports");
});
