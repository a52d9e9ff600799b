import type { CreditMethod } from "./method.ts";
import { srum } from "./methods/srum.ts";
import { tempFlow } from "./methods/tempFlow.ts";
import { spaRl } from "./methods/spaRl.ts";
import { maRlhf } from "./methods/maRlhf.ts";
import { gigpo } from "./methods/gigpo.ts";
import { biLevelGae } from "./methods/biLevelGae.ts";
import { arpo } from "./methods/arpo.ts";
import { archer } from "./methods/archer.ts";
import { bnpo } from "./methods/bnpo.ts";
import { calm } from "./methods/calm.ts";
import { drGrpo } from "./methods/drGrpo.ts";
import { flr } from "./methods/flr.ts";
import { gae } from "./methods/gae.ts";
import { gdpo } from "./methods/gdpo.ts";
import { gpg } from "./methods/gpg.ts";
import { grpo } from "./methods/grpo.ts";
import { igpo } from "./methods/igpo.ts";
import { ircoco } from "./methods/ircoco.ts";
import { lengthShare } from "./methods/lengthShare.ts";
import { grpoPassk } from "./methods/grpoPassk.ts";
import { logged } from "./methods/logged.ts";
import { optimalTokenBaseline } from "./methods/optimalTokenBaseline.ts";
import { oni } from "./methods/oni.ts";
import { opo } from "./methods/opo.ts";
import { pure } from "./methods/pure.ts";
import { recency } from "./methods/recency.ts";
import { reinforce } from "./methods/reinforce.ts";
import { reinforcePlusPlus } from "./methods/reinforcePlusPlus.ts";
import { reviBranch } from "./methods/reviBranch.ts";
import { reinforcePlusPlusBaseline } from "./methods/reinforcePlusPlusBaseline.ts";
import { remax } from "./methods/remax.ts";
import { rloo } from "./methods/rloo.ts";
import { rrd } from "./methods/rrd.ts";
import { sotopiaRl } from "./methods/sotopiaRl.ts";
import { spear } from "./methods/spear.ts";
import { stableReinforce } from "./methods/stableReinforce.ts";
import { capo } from "./methods/capo.ts";
import { clipDelta } from "./methods/clipDelta.ts";
import { implicitPrm } from "./methods/implicitPrm.ts";
import { istar } from "./methods/istar.ts";
import { ppr } from "./methods/ppr.ts";
import { prime } from "./methods/prime.ts";
import { restMcts } from "./methods/restMcts.ts";
import { tpGrpo } from "./methods/tpGrpo.ts";
import { tempo } from "./methods/tempo.ts";
import { tReg } from "./methods/tReg.ts";
import { uniform } from "./methods/uniform.ts";
import { attentionRhythm } from "./methods/attentionRhythm.ts";
import { zoomZero } from "./methods/zoomZero.ts";
import { highEntropyTokens } from "./methods/highEntropyTokens.ts";
import { epo } from "./methods/epo.ts";
import { covarianceTokens } from "./methods/covarianceTokens.ts";
import { verlShaping } from "./methods/verlShaping.ts";
import { marginQuality } from "./methods/marginQuality.ts";
import { read } from "./methods/read.ts";
import { coma } from "./methods/coma.ts";
import { mamql } from "./methods/mamql.ts";
import { comas } from "./methods/comas.ts";
import { ami } from "./methods/ami.ts";
import { bayesNet } from "./methods/bayesNet.ts";
import { polar } from "./methods/polar.ts";
import { polarPrefix } from "./methods/polarPrefix.ts";
import { dragon } from "./methods/dragon.ts";
import { dno } from "./methods/dno.ts";

/** Every credit method. Adding one is a file in `methods/` and a line here; all else derives from this list. */
export const creditMethods = [
  grpo,
  drGrpo,
  rloo,
  reinforcePlusPlus,
  reinforce,
  gae,
  optimalTokenBaseline,
  stableReinforce,
  spear,
  tempo,
  pure,
  gigpo,
  biLevelGae,
  maRlhf,
  archer,
  arpo,
  spaRl,
  tempFlow,
  capo,
  clipDelta,
  implicitPrm,
  istar,
  ppr,
  prime,
  restMcts,
  tpGrpo,
  logged,
  igpo,
  ircoco,
  flr,
  tReg,
  rrd,
  sotopiaRl,
  reviBranch,
  uniform,
  lengthShare,
  recency,
  calm,
  oni,
  reinforcePlusPlusBaseline,
  remax,
  opo,
  gpg,
  grpoPassk,
  bnpo,
  gdpo,
  attentionRhythm,
  zoomZero,
  highEntropyTokens,
  epo,
  covarianceTokens,
  verlShaping,
  marginQuality,
  read,
  coma,
  mamql,
  comas,
  ami,
  bayesNet,
  polar,
  polarPrefix,
  dragon,
  dno,
  srum,
] as const;

export type CreditMethodId = (typeof creditMethods)[number]["id"];

/** A method whose types are known only to itself: what the engine runs. */
export type AnyCreditMethod = CreditMethod;

export function methodOf(id: string): AnyCreditMethod | undefined {
  return creditMethods.find((method) => method.id === id) as AnyCreditMethod | undefined;
}
