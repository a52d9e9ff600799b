import { type ColumnName, infoOf } from "../../core/credit/columns.ts";
import { wordOf } from "../../core/credit/parameter.ts";
import { type AnyDiagnostic, diagnostics } from "../../core/diagnostic/registry.ts";
import type { Command } from "../command.ts";

export const metricsCommand: Command = {
  name: "metrics",
  usage: "metrics [--json]",
  doc: "diagnostics, the signals they need, their parameters",
  options: ["json"],
  async run({ json }, output) {
    const metrics = diagnostics as unknown as readonly AnyDiagnostic[];
    if (json) for (const metric of metrics) await output.json(describe(metric));
    else await output.table([["ID", "METRIC", "OF EACH", "NEEDS", "PARAMETERS"], ...metrics.map(row)]);
    return 0;
  },
};

function describe({ params, needs, ...metric }: AnyDiagnostic): Record<string, unknown> {
  const { id, label, doc, paper, status, scope, presets } = metric;
  const signals = needs.map((need) => infoOf(need as ColumnName));
  const parameters = Object.entries(params).map(([name, parameter]) => ({ name, ...parameter }));
  return { id, label, doc, paper, status, scope, needs: signals, params: parameters, presets };
}

function row({ id, label, scope, needs, params }: AnyDiagnostic): string[] {
  const values = Object.entries(params).map(([name, parameter]) => `${name}=${wordOf(parameter.default)}`);
  return [id, label, scope, needs.join(" "), values.join(" ")];
}
