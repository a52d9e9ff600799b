import type { CurveContent } from "../../../src/core/curve/curveFormat.ts";
import { sniffCurveFormat } from "../../../src/core/curve/registry.ts";
import type { FileContext } from "../../../src/core/format/format.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { headOf } from "../../../src/core/format/sniff.ts";
import { alone, memorySource } from "../format/memorySource.ts";

/** What a file holds, with the format that recognises it; rollout formats are asked first. */
export async function readCurves(
  content: string | Uint8Array,
  file: string | FileContext,
): Promise<CurveContent & { readonly format: string | null }> {
  const context = typeof file === "string" ? alone(file) : file;
  const source = memorySource(content);
  const head = await headOf(source, context);
  const rollouts = sniffFormat(head)?.id ?? null;
  const format = rollouts === null ? sniffCurveFormat(head) : null;
  if (format === null) return { format: rollouts, series: [], issues: [], issueCount: 0 };
  return { format: format.id, ...(await format.read(source, context, {})) };
}

/** Points of each series, behind its run where it has one. */
export function pointsOf({ series }: CurveContent): Record<string, readonly (readonly [number, number])[]> {
  return Object.fromEntries(
    series.map(({ run, name, steps, values }) => [
      run === null ? name : `${run}: ${name}`,
      [...steps].map((step, i) => [step, values[i]!] as const),
    ]),
  );
}

/** Code, line and byte of the file's issues, without those of its series. */
export function codesOf({ issues }: CurveContent): readonly string[] {
  return issues.map(({ code, line, byte }) => `${code}:${line}:${byte}`);
}
