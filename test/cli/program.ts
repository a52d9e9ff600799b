import { spawnSync } from "node:child_process";
import { buildSync } from "esbuild";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** The command line built from its source into a file. */
export function buildProgram(outfile: string): string {
  buildSync({
    entryPoints: [join(repository, "src/cli/cli.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    // SQLite is a file of its own in the build; here it stands in the program, and asks for modules as old ones do.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  return outfile;
}

/** What a call of the command line gave. */
export interface Ran {
  readonly code: number | null;
  /** Lines of `--json`. */
  readonly lines: readonly Record<string, unknown>[];
  readonly text: string;
  readonly said: string;
}

export function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const lines = args.includes("--json") ? jsonLines(stdout) : [];
  return { code: status, lines, text: stdout, said: stderr };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
