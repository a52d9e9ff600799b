const stepTerm = /^step=(-?\d+(?:\.\d+)?)$/i;

function termsOf(filter: string): readonly string[] {
  return [...filter.matchAll(/-?"[^"]*"|\S+/g)].map(([term]) => term);
}

/** The train step a filter of rollouts asks for by its term `step=n`; null when it asks for none. */
export function stepOf(filter: string): number | null {
  const found = termsOf(filter).findLast((term) => stepTerm.test(term));
  return found === undefined ? null : Number(stepTerm.exec(found)![1]);
}

/** The filter with its terms `step=n` replaced by one for this step; null takes them away. Other terms stay. */
export function withStep(filter: string, step: number | null): string {
  const others = termsOf(filter).filter((term) => !stepTerm.test(term));
  return [...others, ...(step === null ? [] : [`step=${step}`])].join(" ");
}
