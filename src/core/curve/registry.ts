import type { FileHead } from "../format/format.ts";
import type { CurveFormat } from "./curveFormat.ts";
import { csv } from "./formats/csv.ts";
import { metricsJsonl } from "./formats/metricsJsonl.ts";
import { mlflow } from "./formats/mlflow.ts";
import { rllib } from "./formats/rllib.ts";
import { tensorboard } from "./formats/tensorboard.ts";
import { trackio } from "./formats/trackio.ts";
import { trainerState } from "./formats/trainerState.ts";
import { verlFileLogger } from "./formats/verlFileLogger.ts";
import { wandb } from "./formats/wandb.ts";

/** Every curve format, asked in this order: the fallback stands last. Adding one is a file and a line here. */
export const curveFormats = [
  tensorboard,
  wandb,
  mlflow,
  trackio,
  trainerState,
  verlFileLogger,
  rllib,
  csv,
  metricsJsonl,
] as const;

export type CurveFormatId = (typeof curveFormats)[number]["id"];

/** The curve format of a file that no rollout format recognises, null when it holds no curves either. */
export function sniffCurveFormat(head: FileHead): CurveFormat<CurveFormatId> | null {
  return curveFormats.find((format) => format.sniff(head)) ?? null;
}

/** True for names (without folder) that a curve file may have. */
export function isCurveName(name: string): boolean {
  return curveFormats.some((format) => format.hasName(name));
}

/** Globs of the files, beneath any folder, whose changes may be new points. */
export const curveGlobs: readonly string[] = [
  ...new Set(
    curveFormats.flatMap(({ extensions, alsoFollows = [] }: CurveFormat) => [
      ...extensions.map((extension) => `*${extension}`),
      ...alsoFollows,
    ]),
  ),
];
