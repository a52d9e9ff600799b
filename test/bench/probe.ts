import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../workbench/harness/workspace.ts";

/** Shares of the time measured, 0 to 1, of the thread on which extensions run. */
export interface HostTime {
  /** It ran. */
  readonly own: number;
  /** It could have run, and had no core. */
  readonly waiting: number;
  /** Its event loop was not waiting for events. */
  readonly byClock: number;
}

/**
 * An extension that writes into a file what RewardLens measured and how busy the host's thread was: commands of tests
 * can only be run by title.
 */
export function probeExtension(folder: string, out: string): string {
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: "probe",
    publisher: "rewardlens",
    version: "1.0.0",
    engines: { vscode: "^1.100.0" },
    main: "./main.js",
    activationEvents: ["onStartupFinished"],
    contributes: {
      commands: [
        { command: "probe.write", title: "Probe: Write Measurements" },
        { command: "probe.start", title: "Probe: Start Measuring" },
      ],
    },
  };
  const code = `const vscode = require("vscode"); const fs = require("fs"); const { performance } = require("perf_hooks");
// What the kernel counts of this thread, in milliseconds: time run, and time ready to run without a core.
const counts = () => fs.readFileSync("/proc/self/task/" + process.pid + "/schedstat", "utf8").split(" ").map((ns) => Number(ns) / 1e6);
const now = () => ({ loop: performance.eventLoopUtilization(), counts: counts(), ms: performance.now() });
let from = now();
exports.activate = () => {
  vscode.commands.registerCommand("probe.start", () => { from = now(); });
  vscode.commands.registerCommand("probe.write", () => {
    const api = vscode.extensions.getExtension("rewardlens.rewardlens").exports;
    const [own, waiting] = counts().map((ms, i) => (ms - from.counts[i]) / (performance.now() - from.ms));
    const host = { own, waiting, byClock: performance.eventLoopUtilization(from.loop).utilization };
    fs.writeFileSync(${JSON.stringify(out)}, JSON.stringify({ updates: api.updateMs(), host }));
  });
};`;
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "main.js"), code);
  const vsix = join(folder, "probe.vsix");
  const vsce = join(repository, "node_modules/@vscode/vsce/vsce");
  const args = [
    vsce,
    "package",
    "--no-dependencies",
    "--skip-license",
    "--allow-missing-repository",
    "--out",
    vsix,
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return vsix;
}
