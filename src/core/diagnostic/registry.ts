import type { Diagnostic } from "./diagnostic.ts";
import { answerF1 } from "./metrics/answerF1.ts";
import { discountSchedule } from "./metrics/discountSchedule.ts";
import { groupCollapse } from "./metrics/groupCollapse.ts";
import { implicitPrmAccuracy } from "./metrics/implicitPrmAccuracy.ts";
import { judgeAgreement } from "./metrics/judgeAgreement.ts";
import { ngramRepetition } from "./metrics/ngramRepetition.ts";
import { paretoWelfare } from "./metrics/paretoWelfare.ts";
import { proposerDiversity } from "./metrics/proposerDiversity.ts";
import { repetition } from "./metrics/repetition.ts";
import { rerankReward } from "./metrics/rerankReward.ts";
import { returnDecomposition } from "./metrics/returnDecomposition.ts";
import { rubric } from "./metrics/rubric.ts";
import { toolReward } from "./metrics/toolReward.ts";

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
] as const;

export type DiagnosticId = (typeof diagnostics)[number]["id"];

/** A diagnostic whose parameters are known only to itself. */
export type AnyDiagnostic = Diagnostic;

export function diagnosticOf(id: string): AnyDiagnostic | undefined {
  return (diagnostics as unknown as readonly AnyDiagnostic[]).find((one) => one.id === id);
}
