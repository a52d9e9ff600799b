import type { Adapter } from "../adapter.ts";
import { spaRl } from "./spaRl.ts";
import { maRlhf } from "./maRlhf.ts";
import { gigpo } from "./gigpo.ts";
import { biLevelGae } from "./biLevelGae.ts";
import { adsDiscountSchedule } from "./adsDiscountSchedule.ts";
import { igpo } from "./igpo.ts";
import { igpoF1Reward } from "./igpoF1Reward.ts";
import { ircoco } from "./ircoco.ts";
import { rrdLoss } from "./rrdLoss.ts";
import { sotopiaAttribution } from "./sotopiaAttribution.ts";
import { stableReinforceFilter } from "./stableReinforceFilter.ts";
import { optimalTokenBaseline } from "./optimalTokenBaseline.ts";
import { openrlhfKl } from "./openrlhfKl.ts";
import { openrlhfAdvantages } from "./openrlhfAdvantages.ts";
import { maskedWhiten } from "./maskedWhiten.ts";
import { klEstimators } from "./klEstimators.ts";
import { aggLoss } from "./aggLoss.ts";
import { coRewardVote } from "./coRewardVote.ts";
import { drGrpoOfficial } from "./drGrpoOfficial.ts";
import { e3bEllipticalBonus } from "./e3bEllipticalBonus.ts";
import { effectiveRank } from "./effectiveRank.ts";
import { effectiveRankVelocityAcceleration } from "./effectiveRankVelocityAcceleration.ts";
import { epicDistance } from "./epicDistance.ts";
import { gae } from "./gae.ts";
import { grpo } from "./grpo.ts";
import { grpoVectorized } from "./grpoVectorized.ts";
import { gtalignPareto } from "./gtalignPareto.ts";
import { hapoLengthReward } from "./hapoLengthReward.ts";
import { mmr5RerankReward } from "./mmr5RerankReward.ts";
import { ngramRepetitionPenalty } from "./ngramRepetitionPenalty.ts";
import { pasodobleDiversity } from "./pasodobleDiversity.ts";
import { implicitPrmAccuracy } from "./implicitPrmAccuracy.ts";
import { implicitPrmSteps } from "./implicitPrmSteps.ts";
import { istar } from "./istar.ts";
import { istarImplicitPrmLosses } from "./istarImplicitPrmLosses.ts";
import { istarImplicitStepReward } from "./istarImplicitStepReward.ts";
import { primeImplicitReward } from "./primeImplicitReward.ts";
import { primeImplicitRewardRecipe } from "./primeImplicitRewardRecipe.ts";
import { primeRlooOriginal } from "./primeRlooOriginal.ts";
import { primeRlooRecipe } from "./primeRlooRecipe.ts";
import { restMctsRouteValues } from "./restMctsRouteValues.ts";
import { restMctsValues } from "./restMctsValues.ts";
import { pureProcessRloo } from "./pureProcessRloo.ts";
import { pureRlooSumMin } from "./pureRlooSumMin.ts";
import { pureWeightedProcessReward } from "./pureWeightedProcessReward.ts";
import { reinforcePlusPlus } from "./reinforcePlusPlus.ts";
import { repeatnessReflection } from "./repeatnessReflection.ts";
import { rloo } from "./rloo.ts";
import { rulereasonerWeights } from "./rulereasonerWeights.ts";
import { starc } from "./starc.ts";
import { tempo } from "./tempo.ts";
import { toolrlReward } from "./toolrlReward.ts";
import { verlAuxReward } from "./verlAuxReward.ts";
import { bnpo } from "./bnpo.ts";
import { gdpo } from "./gdpo.ts";
import { gpg } from "./gpg.ts";
import { grpoPassk } from "./grpoPassk.ts";
import { opo } from "./opo.ts";
import { reinforcePlusPlusBaseline } from "./reinforcePlusPlusBaseline.ts";
import { remax } from "./remax.ts";
import { trlGrpo } from "./trlGrpo.ts";
import { zoomZeroTokenadv } from "./zoomZeroTokenadv.ts";
import { highEntropyTokens } from "./highEntropyTokens.ts";
import { verlAdvantageShaping } from "./verlAdvantageShaping.ts";
import { covarianceTokens } from "./covarianceTokens.ts";
import { epoEntropySmoothing } from "./epoEntropySmoothing.ts";
import { multiAgentMarginQuality } from "./multiAgentMarginQuality.ts";

/** One adapter a golden file. */
export const adapters: readonly Adapter[] = [
  spaRl,
  maRlhf,
  gigpo,
  biLevelGae,
  adsDiscountSchedule,
  bnpo,
  coRewardVote,
  drGrpoOfficial,
  e3bEllipticalBonus,
  effectiveRank,
  effectiveRankVelocityAcceleration,
  epicDistance,
  gae,
  gdpo,
  gpg,
  grpo,
  grpoPassk,
  grpoVectorized,
  gtalignPareto,
  hapoLengthReward,
  igpo,
  igpoF1Reward,
  ircoco,
  mmr5RerankReward,
  ngramRepetitionPenalty,
  opo,
  pasodobleDiversity,
  implicitPrmAccuracy,
  implicitPrmSteps,
  istar,
  istarImplicitPrmLosses,
  istarImplicitStepReward,
  primeImplicitReward,
  primeImplicitRewardRecipe,
  primeRlooOriginal,
  primeRlooRecipe,
  restMctsRouteValues,
  restMctsValues,
  pureProcessRloo,
  pureRlooSumMin,
  pureWeightedProcessReward,
  reinforcePlusPlus,
  reinforcePlusPlusBaseline,
  remax,
  repeatnessReflection,
  rloo,
  rrdLoss,
  rulereasonerWeights,
  sotopiaAttribution,
  starc,
  tempo,
  toolrlReward,
  trlGrpo,
  verlAuxReward,
  aggLoss,
  klEstimators,
  maskedWhiten,
  openrlhfAdvantages,
  openrlhfKl,
  optimalTokenBaseline,
  stableReinforceFilter,
  zoomZeroTokenadv,
  highEntropyTokens,
  verlAdvantageShaping,
  covarianceTokens,
  epoEntropySmoothing,
  multiAgentMarginQuality,
];
