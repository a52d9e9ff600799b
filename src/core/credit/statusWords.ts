import type { MethodStatus } from "./method.ts";

/** What a status means, for people. */
export const statusWords: Readonly<Record<MethodStatus, string>> = {
  code: "checked against the official code",
  text: "from the paper's text: no official code was to be had",
  memory: "a proposal: its formula could not be checked",
  own: "a construction of RewardLens",
};

/** What has to stand beside a method's name wherever it is shown: nothing where its numbers are those of official code. */
export function tagsOf(status: string): readonly string[] {
  switch (status) {
    case "text":
      return ["from the paper's text"];
    case "memory":
      return ["unverified proposal"];
    default:
      return [];
  }
}
