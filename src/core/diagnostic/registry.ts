import type { Diagnostic } from "./diagnostic.ts";
import { groupCollapse } from "./metrics/groupCollapse.ts";

/** Every diagnostic. Adding one is a file in `metrics/` and a line here; all else derives from this list. */
export const diagnostics = [groupCollapse] as const;

export type DiagnosticId = (typeof diagnostics)[number]["id"];

/** A diagnostic whose parameters are known only to itself. */
export type AnyDiagnostic = Diagnostic;

export function diagnosticOf(id: string): AnyDiagnostic | undefined {
  return (diagnostics as unknown as readonly AnyDiagnostic[]).find((one) => one.id === id);
}
