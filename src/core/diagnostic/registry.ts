import type { Diagnostic } from "./diagnostic.ts";
import { answerF1 } from "./metrics/answerF1.ts";
import { behaviorAlignment } from "./metrics/behaviorAlignment.ts";
import { collaborativeReward } from "./metrics/collaborativeReward.ts";
import { delayKernel } from "./metrics/delayKernel.ts";
import { discountSchedule } from "./metrics/discountSchedule.ts";
import { domainWeights } from "./metrics/domainWeights.ts";
import { dormantHeads } from "./metrics/dormantHeads.ts";
import { dynamicsReward } from "./metrics/dynamicsReward.ts";
import { effectiveRank } from "./metrics/effectiveRank.ts";
import { ellipticalBonus } from "./metrics/ellipticalBonus.ts";
import { entropyBands } from "./metrics/entropyBands.ts";
import { epic } from "./metrics/epic.ts";
import { errorMemory } from "./metrics/errorMemory.ts";
import { evidenceReward } from "./metrics/evidenceReward.ts";
import { groupCollapse } from "./metrics/groupCollapse.ts";
import { hapo } from "./metrics/hapo.ts";
import { implicitPrmAccuracy } from "./metrics/implicitPrmAccuracy.ts";
import { informativeness } from "./metrics/informativeness.ts";
import { jointGain } from "./metrics/jointGain.ts";
import { judgeAgreement } from "./metrics/judgeAgreement.ts";
import { judgeDrift } from "./metrics/judgeDrift.ts";
import { lengthExploitation } from "./metrics/lengthExploitation.ts";
import { majorityVote } from "./metrics/majorityVote.ts";
import { ngramRepetition } from "./metrics/ngramRepetition.ts";
import { novelty } from "./metrics/novelty.ts";
import { paretoWelfare } from "./metrics/paretoWelfare.ts";
import { policyCliff } from "./metrics/policyCliff.ts";
import { preferenceStrength } from "./metrics/preferenceStrength.ts";
import { prmInflation } from "./metrics/prmInflation.ts";
import { proposerDiversity } from "./metrics/proposerDiversity.ts";
import { punishment } from "./metrics/punishment.ts";
import { reannotation } from "./metrics/reannotation.ts";
import { repetition } from "./metrics/repetition.ts";
import { rerankReward } from "./metrics/rerankReward.ts";
import { returnDecomposition } from "./metrics/returnDecomposition.ts";
import { revisits } from "./metrics/revisits.ts";
import { rewardDecomposition } from "./metrics/rewardDecomposition.ts";
import { rubric } from "./metrics/rubric.ts";
import { shapingConsistency } from "./metrics/shapingConsistency.ts";
import { starc } from "./metrics/starc.ts";
import { toolReward } from "./metrics/toolReward.ts";
import { verlBonus } from "./metrics/verlBonus.ts";
import { preferenceCycles } from "./metrics/preferenceCycles.ts";

/** Every diagnostic. Adding one is a file in `metrics/` and a line here; all else derives from this list. */
export const diagnostics = [
  groupCollapse,
  repetition,
  ngramRepetition,
  proposerDiversity,
  toolReward,
  paretoWelfare,
  rerankReward,
  answerF1,
  discountSchedule,
  rubric,
  implicitPrmAccuracy,
  judgeAgreement,
  returnDecomposition,
  delayKernel,
  domainWeights,
  dormantHeads,
  effectiveRank,
  ellipticalBonus,
  entropyBands,
  epic,
  hapo,
  jointGain,
  majorityVote,
  novelty,
  punishment,
  reannotation,
  revisits,
  starc,
  verlBonus,
  preferenceCycles,
  prmInflation,
  rewardDecomposition,
  judgeDrift,
  preferenceStrength,
  collaborativeReward,
  lengthExploitation,
  shapingConsistency,
  behaviorAlignment,
  informativeness,
  policyCliff,
  dynamicsReward,
  errorMemory,
  evidenceReward,
] as const;

export type DiagnosticId = (typeof diagnostics)[number]["id"];

/** A diagnostic whose parameters are known only to itself. */
export type AnyDiagnostic = Diagnostic;

export function diagnosticOf(id: string): AnyDiagnostic | undefined {
  return (diagnostics as unknown as readonly AnyDiagnostic[]).find((one) => one.id === id);
}
