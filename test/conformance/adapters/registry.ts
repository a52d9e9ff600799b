import type { Adapter } from "../adapter.ts";
import { drGrpoOfficial } from "./drGrpoOfficial.ts";
import { gae } from "./gae.ts";
import { grpo } from "./grpo.ts";
import { grpoVectorized } from "./grpoVectorized.ts";
import { pureProcessRloo } from "./pureProcessRloo.ts";
import { pureRlooSumMin } from "./pureRlooSumMin.ts";
import { pureWeightedProcessReward } from "./pureWeightedProcessReward.ts";
import { reinforcePlusPlus } from "./reinforcePlusPlus.ts";
import { rloo } from "./rloo.ts";
import { tempo } from "./tempo.ts";

/** One adapter a golden file. */
export const adapters: readonly Adapter[] = [
  drGrpoOfficial,
  gae,
  grpo,
  grpoVectorized,
  pureProcessRloo,
  pureRlooSumMin,
  pureWeightedProcessReward,
  reinforcePlusPlus,
  rloo,
  tempo,
];
