import { type ColumnName, infoOf, type SignalId } from "./columns.ts";
import type { ParameterValue } from "./parameter.ts";
import type { AnyCreditMethod } from "./registry.ts";
import type { Row } from "./row.ts";

type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** Columns a method reads with these parameters. */
export function columnsOf(method: AnyCreditMethod, values: ParameterValues): ReadonlySet<ColumnName> {
  return new Set([...method.needs, ...(method.alsoNeeds?.(values as never) ?? [])]);
}

/** Signals a row lacks for a method, in the method's order. */
export function missingSignals(
  method: AnyCreditMethod,
  row: Row,
  values: ParameterValues,
): readonly SignalId[] {
  const source = sourceOf(values);
  const lacking = [...columnsOf(method, values)].filter((column) => !row.has(column, source));
  return [...new Set(lacking.map((column) => infoOf(column).signal))];
}

/** Where values and step scores are read: `auto` (logged, else a scorer's), `logged`, or a scorer's name. */
export function sourceOf(values: ParameterValues): string {
  return typeof values["source"] === "string" ? values["source"] : "auto";
}
