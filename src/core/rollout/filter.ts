import type { TrajectorySummary } from "./summary.ts";

export const filterHelp =
  "Words in prompt, group or id; reward<0.5, length>100, turns>=3, step=40, success:yes|no, truncated:yes|no, signal:none; − before a term negates";

/** What a filter looks at beside the summary. */
export interface FilterSubject extends TrajectorySummary {
  /** Its group's rewards are all equal. */
  readonly noSignal: boolean;
}

export type Filter = (subject: FilterSubject) => boolean;

/** A filter that cannot be read; the message says which term and what it could be. */
export class FilterError extends Error {}

const comparison = /^(reward|length|turns|step)(<=|>=|<|>|=)(-?(?:\d+(?:\.\d*)?|\.\d+)(?:e-?\d+)?)$/i;
const property = /^(success|truncated|signal):(\w+)$/i;

/**
 * Reads a filter: terms separated by spaces, all of which must hold; "quoted words" keep their spaces.
 * A comparison with a missing number does not hold, nor does its negation.
 * @throws FilterError when a term looks like a comparison and is none.
 */
export function parseFilter(text: string): Filter {
  const terms = [...text.matchAll(/-?"[^"]*"|\S+/g)].map(([term]) => parseTerm(term));
  return (subject) => terms.every((holds) => holds(subject));
}

function parseTerm(term: string): Filter {
  if (/^[-−]./.test(term)) {
    const inner = term.slice(1);
    const holds = parseTerm(inner);
    if (comparison.test(inner)) {
      const [, field] = comparison.exec(inner)!;
      return (subject) => !Number.isNaN(numberOf(subject, field!)) && !holds(subject);
    }
    return (subject) => !holds(subject);
  }
  const compare = comparison.exec(term);
  if (compare !== null) return comparisonOf(compare[1]!, compare[2]!, Number(compare[3]));
  const is = property.exec(term);
  if (is !== null) return propertyOf(term, is[1]!.toLowerCase(), is[2]!.toLowerCase());
  if (/^(reward|length|turns|step)[<>=]/i.test(term))
    throw new FilterError(`"${term}" needs a number, as in reward<0.5`);
  if (/^[<>=]=?(?:-?[\d.]+)?$/.test(term))
    throw new FilterError(`"${term}" stands alone; a comparison has no spaces, as in reward<0.5`);
  const word = term.replace(/^"|"$/g, "").toLowerCase();
  return ({ prompt, group, id }) =>
    [prompt, group ?? "", id].some((field) => field.toLowerCase().includes(word));
}

function numberOf(subject: FilterSubject, field: string): number {
  switch (field.toLowerCase()) {
    case "reward":
      return subject.reward;
    case "turns":
      return subject.nTurns;
    case "step":
      return subject.trainStep ?? NaN;
    default:
      return subject.tokenSource === "none" ? subject.nChars : subject.nTokens;
  }
}

function comparisonOf(field: string, operator: string, value: number): Filter {
  return (subject) => {
    const number = numberOf(subject, field);
    switch (operator) {
      case "<":
        return number < value;
      case "<=":
        return number <= value;
      case ">":
        return number > value;
      case ">=":
        return number >= value;
      default:
        return number === value;
    }
  };
}

function propertyOf(term: string, name: string, value: string): Filter {
  if (name === "signal") {
    if (value === "none") return ({ noSignal }) => noSignal;
    if (value === "some") return ({ noSignal }) => !noSignal;
    throw new FilterError(`"${term}": signal is none or some`);
  }
  const wanted = { yes: true, true: true, no: false, false: false }[value];
  if (wanted === undefined) throw new FilterError(`"${term}": ${name} is yes or no`);
  return (subject) => (name === "success" ? subject.success : subject.truncated) === wanted;
}
