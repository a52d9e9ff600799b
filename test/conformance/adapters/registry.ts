import type { Adapter } from "../adapter.ts";
import { coRewardVote } from "./coRewardVote.ts";
import { drGrpoOfficial } from "./drGrpoOfficial.ts";
import { e3bEllipticalBonus } from "./e3bEllipticalBonus.ts";
import { effectiveRank } from "./effectiveRank.ts";
import { effectiveRankVelocityAcceleration } from "./effectiveRankVelocityAcceleration.ts";
import { epicDistance } from "./epicDistance.ts";
import { gae } from "./gae.ts";
import { grpo } from "./grpo.ts";
import { grpoVectorized } from "./grpoVectorized.ts";
import { hapoLengthReward } from "./hapoLengthReward.ts";
import { pureProcessRloo } from "./pureProcessRloo.ts";
import { pureRlooSumMin } from "./pureRlooSumMin.ts";
import { pureWeightedProcessReward } from "./pureWeightedProcessReward.ts";
import { reinforcePlusPlus } from "./reinforcePlusPlus.ts";
import { rloo } from "./rloo.ts";
import { rulereasonerWeights } from "./rulereasonerWeights.ts";
import { starc } from "./starc.ts";
import { tempo } from "./tempo.ts";
import { verlAuxReward } from "./verlAuxReward.ts";
import { bnpo } from "./bnpo.ts";
import { gdpo } from "./gdpo.ts";
import { gpg } from "./gpg.ts";
import { grpoPassk } from "./grpoPassk.ts";
import { opo } from "./opo.ts";
import { reinforcePlusPlusBaseline } from "./reinforcePlusPlusBaseline.ts";
import { remax } from "./remax.ts";
import { trlGrpo } from "./trlGrpo.ts";

/** One adapter a golden file. */
export const adapters: readonly Adapter[] = [
  coRewardVote,
  drGrpoOfficial,
  e3bEllipticalBonus,
  effectiveRank,
  effectiveRankVelocityAcceleration,
  epicDistance,
  gae,
  grpo,
  grpoVectorized,
  hapoLengthReward,
  pureProcessRloo,
  pureRlooSumMin,
  pureWeightedProcessReward,
  reinforcePlusPlus,
  rloo,
  rulereasonerWeights,
  starc,
  tempo,
  verlAuxReward,
  bnpo,
  gdpo,
  gpg,
  grpoPassk,
  opo,
  reinforcePlusPlusBaseline,
  remax,
  trlGrpo,
];
