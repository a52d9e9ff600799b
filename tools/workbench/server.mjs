// A workbench server of one's own: code-server with user data, extensions and home in a folder that is thrown away.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "./command.mjs";
import { ensureWorkbench } from "./setup.mjs";

/** Settings that leave no prompt, no tip and no network. */
const quietSettings = {
  "workbench.startupEditor": "none",
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.ignoreRecommendations": true,
  "extensions.autoCheckUpdates": false,
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "git.enabled": false,
  "window.commandCenter": false,
};

/**
 * @typedef {object} Server
 * @property {string} folder everything of this server: user data, extensions, home
 * @property {number} port
 * @property {(open?: string) => string} url address of the workbench on its workspace; `open` is a resource to show
 * @property {() => Promise<void>} stop
 */

/**
 * @param {{ workspace: string, vsix: string | readonly string[], settings?: Record<string, unknown>, log?: (line: string) => void }} options
 * @returns {Promise<Server>}
 */
export async function startServer({ workspace, vsix, settings = {}, log = () => {} }) {
  const paths = ensureWorkbench({ log });
  const folder = mkdtempSync(join(tmpdir(), "rewardlens-workbench-"));
  const data = join(folder, "data");
  mkdirSync(join(data, "User"), { recursive: true });
  writeFileSync(join(folder, "config.yaml"), "");
  writeFileSync(
    join(data, "User", "settings.json"),
    JSON.stringify({ ...quietSettings, ...settings }, null, 2),
  );
  const env = environment(folder);
  const own = [
    "--config",
    join(folder, "config.yaml"),
    "--user-data-dir",
    data,
    "--extensions-dir",
    join(folder, "extensions"),
  ];
  const install = [vsix].flat().flatMap((file) => ["--install-extension", file]);
  command(paths.node, [paths.codeServer, ...own, ...install], { env });
  const port = await freePort();
  const args = [
    paths.codeServer,
    ...own,
    "--bind-addr",
    `127.0.0.1:${port}`,
    "--auth",
    "none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-proxy",
    "--disable-getting-started-override",
    "--ignore-last-opened",
  ];
  const child = spawn(paths.node, args, { env, stdio: "ignore", detached: true });
  const stop = stopper(child, folder);
  try {
    await ready(port);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = (/** @type {string | undefined} */ open) => {
    const query = new URLSearchParams({ folder: workspace });
    if (open !== undefined) query.set("payload", JSON.stringify([["openFile", open]]));
    return `http://127.0.0.1:${port}/?${query.toString()}`;
  };
  return { folder, port, url, stop };
}

/**
 * Ends a server with all that it started, now or when this process ends, and removes its folder.
 * @param {import("node:child_process").ChildProcess} child leader of its own process group
 * @param {string} folder
 */
function stopper(child, folder) {
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    } catch {
      // It is gone already.
    }
  };
  process.once("exit", kill);
  return async () => {
    process.removeListener("exit", kill);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const runs = child.exitCode === null && child.signalCode === null;
    kill();
    if (runs) await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}

/**
 * The environment without what belongs to another editor, with a home of its own.
 * @param {string} folder
 */
function environment(folder) {
  const home = {
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CACHE_HOME: folder,
    XDG_RUNTIME_DIR: folder,
  };
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VSCODE_")));
  return { ...env, ...home, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** @param {number} port */
async function ready(port) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const ok = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the workbench server did not start within a minute");
}
