import { createHash } from "node:crypto";
import type { ColumnLevel } from "../core/head/head.ts";
import type { Scorer } from "../core/head/scorer.ts";
import type { ScoreItem } from "../core/head/scoreItem.ts";
import { verifiers } from "../core/verifier/registry.ts";
import { type Verifier, verdictsOf, type VerifierText } from "../core/verifier/verifier.ts";
import { type ModelChoice, type ScoredItem, type ScoreSource, verifierPrefix } from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import type { ScoreCache } from "./scoreCache.ts";
import { keyOf } from "./scoredRecord.ts";

/** Part of every digest: what a changed verifier has said before is worthless. */
const version = "verifiers 2";

/** Items judged between two looks at whether to go on. */
const chunk = 16;

/** What a verifier's verdicts are called where they stand: a step's is a process reward, a rollout's an outcome reward. */
const names: Readonly<Record<Verifier["level"], string>> = {
  step: "prm",
  turn: "verdict",
  trajectory: "reward",
};

/** A verifier as a scorer: 1 right, 0 wrong, none where it cannot tell. */
export function verifierScorer({ id, label, level }: Verifier): Scorer {
  return {
    id,
    label,
    columns: [{ name: names[level], level: level satisfies ColumnLevel }],
    readsSteps: level === "step",
    stepsFromTokens: false,
    beforeToken: false,
    range: [0, 1],
  };
}

/** 32 hexadecimal digits: equal digests give equal verdicts. */
export function digestOfVerifier({ id }: Verifier): string {
  return createHash("sha256").update(`${version}\0${id}`).digest("hex").slice(0, 32);
}

/** What all verifiers are opened by. */
export function verifierNames(): readonly string[] {
  return verifiers.map(({ id }) => `${verifierPrefix}${id}`);
}

/** A verifier as a scorer that can be chosen. */
export function verifierChoice(verifier: Verifier): ModelChoice {
  const { id, label, doc } = verifier;
  const { columns } = verifierScorer(verifier);
  return {
    folder: `${verifierPrefix}${id}`,
    id,
    label,
    doc,
    head: "verifier",
    columns,
    problem: "",
    note: "",
  };
}

/** Verdicts of a verifier, made here and kept like any model's scores. */
export function verifierSource(verifier: Verifier, cache: ScoreCache): ScoreSource {
  return {
    folder: `${verifierPrefix}${verifier.id}`,
    scorer: verifierScorer(verifier),
    reasons: (item) =>
      verifier.verify(verifierTextOf(item)).map(({ part, verdict, message }) => ({
        part,
        text: `${verdict === "right" ? "✓" : "✗"} ${message}`,
      })),
    refresh: () => cache.refresh(),
    keyOf: keyOfItem,
    has: (key) => cache.has(key),
    cached: (keys) => cache.getAll(keys),
    keep: (entries) => cache.put(entries),
    load: async () => ({ device: "cpu", note: "", selfCheck: null, maxTokens: Infinity }),
    async score(items, _, signal, onScored) {
      const scored: ScoredItem[] = [];
      for (let from = 0; from < items.length; from += chunk) {
        // Others are answered between two chunks, and whoever cancels is heard.
        await new Promise((resolve) => setImmediate(resolve));
        if (signal.aborted) throw new UserError("cancelled", "Cancelled");
        const own = items.slice(from, from + chunk).map((item) => judged(verifier, item));
        scored.push(...own);
        onScored?.(own.map((item, i) => [from + i, item]));
      }
      return scored;
    },
  };
}

/** What a verifier reads of an item. */
export function verifierTextOf({ before, parts, answer }: ScoreItem): VerifierText {
  return {
    prompt: before.map(({ text }) => text).join("\n\n"),
    answer,
    parts: parts.map(({ kind, text, calls }) => ({
      kind: kind === "said" ? "other" : kind,
      text,
      ...(calls === undefined ? {} : { calls }),
    })),
  };
}

function judged(verifier: Verifier, item: ScoreItem): ScoredItem {
  const text = verifierTextOf(item);
  const verdicts = verdictsOf(text, verifier.verify(text), verifier);
  const { level } = verifier;
  const last = verdicts.findLast((verdict) => !Number.isNaN(verdict)) ?? NaN;
  const values = level === "trajectory" ? Float32Array.of(last) : verdicts;
  const none = new Int32Array(0);
  return {
    first: new Int32Array(item.parts.length + 1),
    start: none,
    end: none,
    ids: none,
    columns: [{ name: names[level], level, values }],
    tokens: 0,
    windows: 1,
    onGpu: false,
  };
}

/** The digest of an item, its calls of tools among what it is made of. */
function keyOfItem(item: ScoreItem): string {
  const calls = item.parts.map((part) => part.calls ?? null);
  if (calls.every((call) => call === null)) return keyOf(item);
  return createHash("sha256")
    .update(keyOf(item))
    .update(JSON.stringify(calls))
    .digest()
    .toString("latin1", 0, 16);
}
