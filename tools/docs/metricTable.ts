import { wordOf } from "../../src/core/credit/parameter.ts";
import { type AnyDiagnostic, diagnostics } from "../../src/core/diagnostic/registry.ts";

/** A row for each diagnostic. */
export function metricTable(): readonly string[] {
  return [
    "| id | diagnostic | of a | needs | parameters | status |",
    "| --- | --- | --- | --- | --- | --- |",
    ...(diagnostics as unknown as readonly AnyDiagnostic[]).map(
      ({ id, label, doc, paper, scope, needs, params, status }) => {
        const title = paper.startsWith("http") ? `[${cell(label)}](${paper})` : cell(label);
        const parameters = Object.entries(params).map(
          ([name, one]) => `\`${name}\` = \`${wordOf(one.default)}\`: ${cell(one.doc)}`,
        );
        const signals = needs.map((need) => `\`${need}\``).join(", ");
        return `| \`${id}\` | ${title}: ${cell(doc)} | ${scope} | ${signals} | ${parameters.join("; ")} | ${status} |`;
      },
    ),
  ];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
