// A real VS Code workbench from npm packages alone: code-server on a Node of its own, below .workbench/.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { command } from "./command.mjs";

const versions = { "code-server": "4.139.1", node: "24.21.0", "playwright-core": "1.64.1" };

/** What code-server's workbench asks for and does not need to show an extension; some cannot be built here. */
const leftOut = [
  "@github/copilot-sdk",
  "@vscode/copilot-api",
  "@vscode/sandbox-runtime",
  "@vscode/sqlite3",
  "@vscode/fs-copyfile",
  "@vscode/windows-process-tree",
  "@vscode/windows-registry",
  "@vscode/deviceid",
  "@devcontainers/cli",
  "@microsoft/mxc-sdk",
  "kerberos",
  "ssh2",
];

const folder = fileURLToPath(new URL("../../.workbench", import.meta.url));
const stamp = join(folder, "installed.json");

/**
 * Installs the workbench where it is not there yet; an installation that was interrupted is begun anew.
 * @param {{ log: (line: string) => void }} options
 * @returns {{ node: string, codeServer: string, playwright: string }} paths of Node, of code-server's entry and of playwright-core
 */
export function ensureWorkbench({ log }) {
  const nodePackage = `node-${process.platform}-${process.arch}`;
  const modules = join(folder, "node_modules");
  const paths = {
    node: join(modules, nodePackage, "bin", "node"),
    codeServer: join(modules, "code-server", "out", "node", "entry.js"),
    playwright: join(modules, "playwright-core"),
  };
  const wanted = JSON.stringify({ ...versions, nodePackage });
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return paths;
  log("Installing the workbench (code-server, once)…");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const npm = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  command(
    "npm",
    [
      "install",
      ...npm,
      `code-server@${versions["code-server"]}`,
      `${nodePackage}@${versions.node}`,
      `playwright-core@${versions["playwright-core"]}`,
    ],
    { cwd: folder },
  );
  const vscode = join(modules, "code-server", "lib", "vscode");
  command("npm", ["pkg", "delete", ...leftOut.map((name) => `dependencies.${name}`)], { cwd: vscode });
  rmSync(join(vscode, "extensions", "copilot"), { recursive: true, force: true });
  rmSync(join(vscode, "npm-shrinkwrap.json"), { force: true });
  log("Installing the workbench's own packages…");
  command("npm", ["install", "--omit=dev", ...npm], { cwd: vscode });
  writeFileSync(stamp, wanted);
  return paths;
}
