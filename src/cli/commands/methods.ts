import { infoOf } from "../../core/credit/columns.ts";
import { type AnyCreditMethod, creditMethods } from "../../core/credit/registry.ts";
import { wordOf } from "../../core/credit/parameter.ts";
import type { Command } from "../command.ts";

export const methodsCommand: Command = {
  name: "methods",
  usage: "methods [--json]",
  doc: "credit methods, the signals they need, their parameters",
  options: ["json"],
  async run({ json }, output) {
    const methods = creditMethods as unknown as readonly AnyCreditMethod[];
    if (json) for (const method of methods) await output.json(describe(method));
    else await output.table([["ID", "METHOD", "STATUS", "NEEDS", "PARAMETERS"], ...methods.map(row)]);
    return 0;
  },
};

function describe(method: AnyCreditMethod): Record<string, unknown> {
  const { id, label, doc, paper, math, status, level, needs, presets } = method;
  const params = Object.entries(method.params).map(([name, parameter]) => ({ name, ...parameter }));
  const signals = needs.map((need) => infoOf(need));
  return { id, label, doc, paper, formula: math, status, level, needs: signals, params, presets };
}

function row({ id, label, status, needs, params }: AnyCreditMethod): string[] {
  const values = Object.entries(params).map(([name, parameter]) => `${name}=${wordOf(parameter.default)}`);
  return [id, label, status, needs.map((need) => infoOf(need).signal).join(" "), values.join(" ")];
}
