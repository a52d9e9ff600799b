import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { buildScorer } from "../scorer/program.ts";
import { buildProgram, repository } from "./program.ts";

/**
 * The command line with its scorer, built from their sources. They lie as they do in the package: `dist/` beside `media/`.
 * @param name of a place of its own
 * @returns the command line's file
 */
export function buildScoringProgram(name: string): string {
  const scorer = buildScorer(join(name, "dist"));
  const media = join(scorer, "..", "..", "media");
  mkdirSync(media, { recursive: true });
  if (!existsSync(join(media, "models")))
    symlinkSync(join(repository, "media", "models"), join(media, "models"));
  return buildProgram(join(scorer, "..", "cli.mjs"));
}
