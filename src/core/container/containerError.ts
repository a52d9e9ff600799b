import type { IssueCode } from "../rollout/issue.ts";

/** Why a container, or a part of one, is not read: what an issue says of it. Whoever reads containers catches these. */
export class ContainerError extends Error {
  override readonly name = "ContainerError";
  readonly code: IssueCode;

  constructor(code: Extract<IssueCode, "damaged" | "refused" | "oversized">, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a decoder said about bytes it was given: its own words where they are words about the bytes. */
export function asContainerError(error: unknown, what: string): ContainerError {
  if (error instanceof ContainerError) return error;
  // A decoder that trips over what is not there names a variable of its own.
  const reason =
    error instanceof Error && !(error instanceof TypeError) ? error.message : "its structure is broken";
  return new ContainerError("damaged", `${what}: ${reason.slice(0, 120)}.`);
}
