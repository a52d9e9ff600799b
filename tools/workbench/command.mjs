import { spawnSync } from "node:child_process";

/**
 * Runs a program to its end and throws, with its last words, when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function command(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", ...options });
  if (status === 0) return stdout;
  const words = `${stdout ?? ""}${stderr ?? ""}`.trim().slice(-2000);
  throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? words}`);
}

/**
 * True when a program is on the PATH.
 * @param {string} program
 */
export function isOnPath(program) {
  const which = process.platform === "win32" ? "where" : "which";
  return spawnSync(which, [program], { stdio: "ignore" }).status === 0;
}
