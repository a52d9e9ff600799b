import { grpo } from "./methods/grpo.ts";

/** Every credit method. Adding one is a file in `methods/` and a line here; all else derives from this list. */
export const creditMethods = [grpo] as const;

export type CreditMethodId = (typeof creditMethods)[number]["id"];
