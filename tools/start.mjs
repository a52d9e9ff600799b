// `npm start`: the one command. Sets up everything and opens a workbench on the samples with a trace and its credit.
//   --check FILE  opens it in a headless browser instead, saves a screenshot, and stops (used by the tests)
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./ensureInstalled.mjs";
import { command, isOnPath } from "./workbench/command.mjs";
import { ensureChromium } from "./workbench/chromium.mjs";
import { startServer } from "./workbench/server.mjs";
import { ensureWorkbench } from "./workbench/setup.mjs";

const repository = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const samples = join(repository, "samples");
const log = join(samples, "grpo-run", "rollouts.jsonl");

/** What is shown first: a rollout of the sample run that goes wrong, by a method that says where, and its curves. */
const first = { id: "s001-p6-r2", title: "step 1 · s001-p6 · rollout 3" };
const settings = {
  "rewardLens.credit.method": "gae",
  "rewardLens.curves.openWithRun": true,
  "workbench.startupEditor": "none",
};

process.chdir(repository);
ensureInstalled();
run("npm", ["run", "-s", "build"]);

const checkFile = process.argv[process.argv.indexOf("--check") + 1];
const checking = process.argv.includes("--check") && checkFile !== undefined;
const display = process.platform !== "linux" || "DISPLAY" in process.env || "WAYLAND_DISPLAY" in process.env;

if (!checking && display && isOnPath("code")) openDesktop();
else await serve();

/** The trace's address: the log's path and the tab's title, then root and id. */
function traceAddress() {
  const query = JSON.stringify({ root: log, id: first.id });
  return `rewardlens:${encodeURI(`${log}/${first.title}`)}?${encodeURIComponent(query)}`;
}

function openDesktop() {
  const data = mkdtempSync(join(tmpdir(), "rewardlens-start-"));
  mkdirSync(join(data, "User"), { recursive: true });
  writeFileSync(join(data, "User", "settings.json"), JSON.stringify(settings));
  const own = [
    "--user-data-dir",
    data,
    "--extensions-dir",
    join(data, "extensions"),
    "--disable-workspace-trust",
  ];
  console.log("Opening VS Code on the samples. Close its window to end.");
  run("code", [
    "--new-window",
    "--wait",
    ...own,
    `--extensionDevelopmentPath=${repository}`,
    samples,
    "--file-uri",
    traceAddress(),
  ]);
  rmSync(data, { recursive: true, force: true });
}

async function serve() {
  run("npm", ["run", "-s", "package"]);
  const vsix = join("dist", `rewardlens-${process.platform}-${process.arch}.vsix`);
  const server = await startServer({ workspace: samples, vsix, settings, log: console.log });
  const address = server.url(traceAddress());
  if (checking) {
    await check(address, String(checkFile)).finally(server.stop);
    return;
  }
  console.log(
    `\nThe workbench runs. Open this address in a browser:\n\n  ${address}\n\nThe lens in the activity bar shows the rollouts. Ctrl-C ends.`,
  );
  if (display && isOnPath("xdg-open")) command("xdg-open", [address]);
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await server.stop();
}

/**
 * @param {string} address
 * @param {string} screenshot
 */
async function check(address, screenshot) {
  const { playwright } = ensureWorkbench({ log: console.log });
  const { chromium } = createRequire(import.meta.url)(playwright);
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  const browser = await chromium.launch({
    executablePath: ensureChromium({ log: console.log }),
    headless: true,
    args,
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1500, height: 860 } });
    await page.goto(address);
    await page.waitForSelector('.view-overlays [class*="ced-"]', { state: "attached", timeout: 60_000 });
    console.log("a trace with its credit is shown");
    const panel = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
    await panel.locator(".card canvas").first().waitFor({ timeout: 60_000 });
    console.log("the run's curves are shown");
    await page.waitForTimeout(1500);
    await page.screenshot({ path: screenshot });
  } finally {
    await browser.close();
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  const { status } = spawnSync(program, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
}
