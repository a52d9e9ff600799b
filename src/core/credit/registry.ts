import type { CreditMethod } from "./method.ts";
import { drGrpo } from "./methods/drGrpo.ts";
import { gae } from "./methods/gae.ts";
import { grpo } from "./methods/grpo.ts";
import { logged } from "./methods/logged.ts";
import { pure } from "./methods/pure.ts";
import { reinforcePlusPlus } from "./methods/reinforcePlusPlus.ts";
import { rloo } from "./methods/rloo.ts";
import { tempo } from "./methods/tempo.ts";
import { reinforcePlusPlusBaseline } from "./methods/reinforcePlusPlusBaseline.ts";
import { remax } from "./methods/remax.ts";
import { opo } from "./methods/opo.ts";
import { gpg } from "./methods/gpg.ts";
import { grpoPassk } from "./methods/grpoPassk.ts";
import { bnpo } from "./methods/bnpo.ts";
import { gdpo } from "./methods/gdpo.ts";

/** Every credit method. Adding one is a file in `methods/` and a line here; all else derives from this list. */
export const creditMethods = [grpo, drGrpo, rloo, reinforcePlusPlus, gae, tempo, pure, logged, reinforcePlusPlusBaseline, remax, opo, gpg, grpoPassk, bnpo, gdpo] as const;

export type CreditMethodId = (typeof creditMethods)[number]["id"];

/** A method whose types are known only to itself: what the engine runs. */
export type AnyCreditMethod = CreditMethod;

export function methodOf(id: string): AnyCreditMethod | undefined {
  return creditMethods.find((method) => method.id === id) as AnyCreditMethod | undefined;
}
