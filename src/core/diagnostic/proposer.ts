/** A problem and its answer as a proposer wrote them; null = its text holds none. */
export interface Proposal {
  readonly question: string | null;
  readonly answer: string | null;
}

/** Why a proposal is worth nothing. */
export type Leak =
  | "no-question"
  | "no-answer"
  | "answer-holds-question"
  | "question-holds-box"
  | "question-holds-answer";

/** The way in which a proposal gives its answer away, or lacks a part; null = none. (`proposer_reward_hacking_check`) */
export function leakOf({ question, answer }: Proposal): Leak | null {
  if (question === null) return "no-question";
  if (answer === null) return "no-answer";
  if (answer.includes(question)) return "answer-holds-question";
  if (boxedAnswer(question) !== null) return "question-holds-box";
  return question.includes(answer) ? "question-holds-answer" : null;
}

/** Jaccard similarity of two sets of tokens; 1 of two empty ones. */
export function jaccard<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  if (a.size === 0 && b.size === 0) return 1;
  let shared = 0;
  for (const one of a) if (b.has(one)) shared++;
  return shared / (a.size + b.size - shared);
}

/** The problems proposed last, as sets of tokens: what a new one is compared with. */
export class ProposalHistory<T> {
  readonly #kept: ReadonlySet<T>[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#kept.length;
  }

  add(tokens: ReadonlySet<T>): void {
    this.#kept.push(tokens);
    if (this.#kept.length > this.#most) this.#kept.shift();
  }

  /** Share of the kept ones whose similarity to a new one is not above the threshold; 1 where there are none. */
  diversity(tokens: ReadonlySet<T>, threshold: number): number {
    if (this.#kept.length === 0) return 1;
    const similar = this.#kept.filter((one) => jaccard(one, tokens) > threshold).length;
    return (this.#kept.length - similar) / this.#kept.length;
  }
}

export interface ProposerTerms {
  /** Pass rates at or below it give nothing. */
  readonly lowest: number;
  /** Diversities at or below it give nothing. */
  readonly leastDiversity: number;
  readonly diversityWeight: number;
}

/** 1.1 − pass rate + weight · diversity; 0 where the solver never passes or the problem is no news. */
export function proposerReward(
  passRate: number,
  diversity: number,
  { lowest, leastDiversity, diversityWeight }: ProposerTerms,
): number {
  if (Number.isNaN(passRate) || Number.isNaN(diversity)) return NaN;
  if (passRate <= lowest || diversity <= leastDiversity) return 0;
  return 1.1 - passRate + diversityWeight * diversity;
}

/** The first `<problem>…</problem>` behind the last `</think>`; null where there is none. */
export function problemOf(text: string): string | null {
  const thought = text.lastIndexOf("</think>");
  const found = /<problem>(.*?)<\/problem>/s.exec(thought < 0 ? text : text.slice(thought));
  return found === null ? null : found[1]!.trim();
}

/** Content of the last `\boxed{…}`, whose braces may be nested or escaped; null where there is none. */
export function boxedAnswer(text: string): string | null {
  let last: string | null = null;
  let from = 0;
  for (;;) {
    const found = /\\boxed\s*\{/g;
    found.lastIndex = from;
    const match = found.exec(text);
    if (match === null) return last?.trim() ?? null;
    const open = match.index + match[0].length;
    const close = closeOf(text, open, "escaped") ?? closeOf(text, open, "plain");
    if (close !== null) last = text.slice(open, close);
    from = close === null ? open : close + 1;
  }
}

/** Where the brace closes that opened before `from`. @param braces `escaped`: one behind a backslash is a character */
function closeOf(text: string, from: number, braces: "escaped" | "plain"): number | null {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    const at = text[i];
    if (at === "\\" && braces === "escaped" && (text[i + 1] === "{" || text[i + 1] === "}")) i++;
    else if (at === "{") depth++;
    else if (at === "}" && --depth === 0) return i;
  }
  return null;
}
