/** What a reranker is asked: which of the pages 1 to `total` answer the question. */
export interface RerankTask {
  readonly positives: readonly number[];
  readonly total: number;
}

/** Ids in the answer of a response, as the rank part reads them; null where there is no answer, or one that is no list. */
export function rankedIds(response: string): readonly number[] | null {
  const list = /<answer>\[([^\n]*?)\]<\/answer>/.exec(response)?.[1];
  if (list === undefined) return null;
  const words = list
    .trim()
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  return words.every((word) => /^[+-]?\d+(?:_\d+)*$/.test(word))
    ? words.map((word) => Number(word.replaceAll("_", "")))
    : null;
}

/**
 * Σ 1 / rank³ over the positives, divided by what it is with all of them in front; 0 without an answer or positives.
 * Only the first place of an id counts, and an id twice costs nothing. (MM-R5, `rerank_reward`.)
 */
export function rerankScore(response: string, { positives }: Pick<RerankTask, "positives">): number {
  const ids = rankedIds(response);
  if (ids === null || positives.length === 0) return 0;
  let [score, ideal] = [0, 0];
  positives.forEach((id, i) => {
    const place = ids.indexOf(id);
    if (place >= 0) score += 1 / (place + 1) ** 3;
    ideal += 1 / (i + 1) ** 3;
  });
  return score / ideal;
}

const wholeFormat = /<think>[^]*?<\/think>\s*<answer>\[([0-9]+(?:,\s*[0-9]+)*)\]<\/answer>/;

/**
 * (N − |n − N|) / N times the share of ids from 1 to N, for n ids of N; negative for n > 2 N. 0 where the tags are not
 * there, for a single id, and where a number has a leading zero or the list a line break: the release evaluates the list
 * as Python. (`format_rerank_reward`)
 */
export function rerankFormat(response: string, { total }: Pick<RerankTask, "total">): number {
  const list = wholeFormat.exec(response)?.[1];
  if (list === undefined || total === 0) return 0;
  const words = list.split(",").map((word) => word.trim());
  if (words.length === 1 || words.some((word) => /^0+[1-9]/.test(word)) || /[^\d, \t\f]/.test(list)) return 0;
  const ids = words.map(Number);
  const inRange = ids.filter((id) => id >= 1 && id <= total).length;
  return ((total - Math.abs(ids.length - total)) / total) * (inRange / ids.length);
}

/** Ids that an answer holds more than once: the rank part does not mind, so that they fill a list to its length. */
export function repeatedIds(ids: readonly number[]): readonly number[] {
  return [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))];
}
