import type { Claim } from "../arithmetic/claim.ts";
import { claimsOf } from "../arithmetic/claim.ts";
import { isDoubtful, saysAbout } from "../arithmetic/context.ts";
import { Derivation } from "../arithmetic/derivation.ts";
import { expansionOf } from "../arithmetic/expansion.ts";
import type { Judgement } from "../arithmetic/judge.ts";
import { judge } from "../arithmetic/judge.ts";
import { conversionOf, isLength } from "../arithmetic/labels.ts";
import { type Division, divisionsOf } from "../arithmetic/remainder.ts";
import { spokenClaimsOf } from "../arithmetic/spokenClaim.ts";
import { derivedFindingOf, findingOf } from "../arithmetic/statement.ts";
import { tokensOf, variablesOf } from "../math/lexer.ts";
import type { Token } from "../math/token.ts";
import { calculatorNotes, withoutCode, withoutNotes } from "../text/blanks.ts";
import { quoted } from "../text/wording.ts";
import type { Finding, VerifierText } from "../verifier.ts";
import { verifier } from "../verifier.ts";

/** Of a longer part, what is before this is judged. */
const longestText = 100_000;
const longestPrompt = 20_000;

/** Words of problems in which one length stands for another. */
const drawn = /\b(?:maps?|scales?|drawings?|drawn|blueprints?|models?|represents?)\b/i;

/**
 * Computes every equation that a step states, in exact fractions: calculations in plain text, LaTeX and calculator notes
 * (`<<48/2=24>>`), words ("the sum of 3 and 4 is 7"), units, percentages, rounded decimals, chains; identities with letters; and whether an equation in one
 * unknown follows from the one before it.
 */
export const arithmetic = verifier({
  id: "arithmetic",
  label: "Arithmetic",
  doc: "Computes every equation that a step states, exactly. Silent where words leave a doubt what is meant.",
  level: "step",
  verify: (text) => findingsOf(text),
});

function findingsOf({ prompt, parts }: VerifierText): readonly Finding[] {
  const derivation = new Derivation(prompt);
  const variables = new Set(variablesOf(tokensOf(prompt.slice(0, longestPrompt))));
  const isDrawn = [prompt, ...parts.map(({ text }) => text)].some((text) => drawn.test(text));
  const findings: Finding[] = [];
  for (const [part, { kind, text }] of parts.entries()) {
    if (kind === "other") {
      derivation.forget();
      continue;
    }
    const cut = withoutCode(text.slice(0, longestText));
    const stated = withoutNotes(cut);
    const tokens = tokensOf(stated, variables);
    for (const letter of variablesOf(tokens)) variables.add(letter);
    const found = [
      ...notesOf(part, cut),
      ...new Statements(part, stated, { derivation, isDrawn }).findingsOf(tokens),
    ];
    findings.push(...found.sort((a, b) => a.start - b.start || a.end - b.end));
  }
  return findings;
}

/** Calculator notes: what stands in one is the whole of a calculation. */
function notesOf(part: number, text: string): readonly Finding[] {
  return calculatorNotes(text).flatMap(({ start, end }) => {
    const note = text.slice(start, end);
    return claimsOf(tokensOf(note)).flatMap(
      (claim) => findingOf(part, note, claim, judge(claim, false), start) ?? [],
    );
  });
}

/** What one part states, in order. */
class Statements {
  readonly #part: number;
  readonly #text: string;
  readonly #derivation: Derivation;
  /** One length may stand for another. */
  readonly #isDrawn: boolean;
  /** Text before it was passed to the derivation. */
  #passed = 0;

  constructor(
    part: number,
    text: string,
    { derivation, isDrawn }: { readonly derivation: Derivation; readonly isDrawn: boolean },
  ) {
    this.#part = part;
    this.#text = text;
    this.#derivation = derivation;
    this.#isDrawn = isDrawn;
  }

  findingsOf(tokens: readonly Token[]): readonly Finding[] {
    const findings = claimsOf(tokens).flatMap((claim) => this.#findingOf(claim) ?? []);
    findings.push(...spokenClaimsOf(tokens).flatMap((claim) => this.#spokenFindingOf(claim) ?? []));
    findings.push(...divisionsOf(tokens).flatMap((division) => this.#divisionFindingOf(division) ?? []));
    this.#pass(this.#text.length);
    this.#derivation.pass("\n");
    return findings;
  }

  #findingOf(claim: Claim): Finding | null {
    const { left, right } = claim;
    if (left === null || right === null) {
      if (!claim.verb) this.#derivation.forget();
      return null;
    }
    const judgement = judge(claim, saysAbout(this.#text, left.start, right.end));
    // "2p = -15 + 1 = -16": who goes on from the -16 does right.
    if (claim.chained && judgement.outcome !== "right") this.#derivation.forget();
    if (judgement.outcome !== "equation")
      return this.#isSaid(claim, judgement) ? findingOf(this.#part, this.#text, claim, judgement) : null;
    const rewritten = expansionOf(this.#text, claim);
    if (rewritten !== null)
      return this.#isSaid(claim, rewritten) ? findingOf(this.#part, this.#text, claim, rewritten) : null;
    return claim.chained ? null : this.#derived(claim, left.start, right.end);
  }

  #spokenFindingOf(claim: Claim): Finding | null {
    const judgement = judge(claim, saysAbout(this.#text, claim.left!.start, claim.right!.end));
    return this.#isSaid(claim, judgement) ? findingOf(this.#part, this.#text, claim, judgement) : null;
  }

  #divisionFindingOf({ start, end, isRight, expected }: Division): Finding | null {
    const stated = quoted(this.#text, start, end);
    const place = { part: this.#part, start, end };
    if (isRight) return { ...place, verdict: "right", message: `${stated} holds` };
    if (isDoubtful(this.#text, start, end)) return null;
    return { ...place, verdict: "wrong", message: `${stated} does not hold: it is ${expected}`, expected };
  }

  #derived(claim: Claim, start: number, end: number): Finding | null {
    this.#pass(start);
    this.#passed = Math.max(this.#passed, end);
    const { judgement, letter } = this.#derivation.next(claim);
    return this.#isSaid(claim, judgement)
      ? derivedFindingOf(this.#part, this.#text, claim, judgement, letter)
      : null;
  }

  #pass(to: number): void {
    if (to > this.#passed)
      this.#derivation.pass(this.#text.slice(this.#passed, Math.min(to, this.#passed + 1000)));
    this.#passed = Math.max(this.#passed, to);
  }

  /** Nothing is called wrong in a sentence that may not mean what it states. */
  #isSaid({ left, right }: Claim, { outcome }: Judgement): boolean {
    if (outcome !== "wrong") return true;
    const length = isLength(conversionOf(left!.alternatives[0], right!.alternatives[0]));
    return !(this.#isDrawn && length) && !isDoubtful(this.#text, left!.start, right!.end);
  }
}
