import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import { recencies, shares, spread } from "../primitives/redistribute.ts";
import { scaleToUnit } from "../primitives/scaleToUnit.ts";

const params = {
  form: {
    kind: "choice",
    choices: ["direct", "normalized", "discounted"],
    default: "direct",
    doc: "attribution over the scale, attribution over its sum, or a discount by the utterances that follow",
  },
  scale: {
    kind: "number",
    default: 3,
    min: 1e-9,
    doc: "highest attribution (3, 5 or 10 in the release); form direct",
  },
  gamma: {
    kind: "number",
    default: 0.9,
    min: 0,
    max: 1,
    doc: "discount an utterance; 1 = the same for all; form discounted",
  },
  empty: {
    kind: "choice",
    choices: ["zero", "nan"],
    default: "zero",
    doc: "attributions that sum to 0 in form normalized: one release gives 0, another divides by it",
  },
  dimensions: {
    kind: "choice",
    choices: ["goal", "all"],
    default: "goal",
    doc: "the goal's score alone, or the mean of goal, relationship and knowledge, each scaled to [0, 1] over the batch (the paper): `attribution_relationship`, `attribution_knowledge` of the turns and `rewards` of these names",
  },
} as const;

const lanes = {
  attribution: { level: "turn", doc: "attribution of the goal to the utterance; −1 = invalid" },
  share: { level: "turn", doc: "part of the score that the utterance gets; −1 where it is invalid" },
  score: { level: "turn", doc: "score of the episode; 1 where the attribution is invalid" },
  goal: { level: "turn", doc: "reward for the goal" },
  scaledGoal: { level: "turn", doc: "reward for the goal, scaled to [0, 1] over the batch" },
  relationship: { level: "turn", doc: "reward for the relationship, scaled to [0, 1] over the batch" },
  knowledge: { level: "turn", doc: "reward for knowledge, scaled to [0, 1] over the batch" },
} as const;

type Input = MethodInput<
  "reward",
  | "turn.attribution"
  | "turn.attribution_relationship"
  | "turn.attribution_knowledge"
  | "trajectory.rewards.relationship"
  | "trajectory.rewards.knowledge"
>;
type Output = MethodOutput<keyof typeof lanes>;
interface Chosen {
  readonly form: "direct" | "normalized" | "discounted";
  readonly scale: number;
  readonly gamma: number;
  readonly empty: "zero" | "nan";
}

/**
 * Sotopia-RL: the score of a dialogue given to its utterances by logged attributions.
 *
 * Yu et al. (arXiv:2508.03905); sotopia-lab/sotopia-rl `prompter/*_function.py` and
 * `post_process_annotation_direct_attribution.py`. The release counts utterances as ⌊message / 2⌋: its speakers alternate.
 * Here an utterance is a turn of the policy. Several dimensions are in the paper's words only.
 */
export const sotopiaRl = creditMethod({
  id: "sotopiaRl",
  label: "Sotopia-RL",
  doc: "The dialogue's score at each utterance, by logged attributions: `attribution` of the turns, 0 to 3, −1 = invalid.",
  paper: "https://arxiv.org/abs/2508.03905",
  math: String.raw`r_k = \frac{a_k}{3} G \quad\text{or}\quad \frac{a_k}{\sum_j a_j} G \quad\text{or}\quad \gamma^{\,n-1-k} G`,
  status: "code",
  level: "turn",
  comparesGroup: false,
  needs: ["reward"],
  uses: [
    "turn.attribution",
    "turn.attribution_relationship",
    "turn.attribution_knowledge",
    "trajectory.rewards.relationship",
    "trajectory.rewards.knowledge",
  ],
  alsoNeeds: ({ form, dimensions }) => [
    ...(form === "discounted" ? [] : (["turn.attribution"] as const)),
    ...(dimensions === "goal"
      ? []
      : (["trajectory.rewards.relationship", "trajectory.rewards.knowledge"] as const)),
    ...(dimensions === "goal" || form === "discounted"
      ? []
      : (["turn.attribution_relationship", "turn.attribution_knowledge"] as const)),
  ],
  params,
  presets: {
    "released:direct": {},
    "released:normalized": { form: "normalized" },
    "released:utteranceQualityNormalized": { form: "normalized", empty: "nan" },
    "released:discounted": { form: "discounted" },
    "released:allTheSame": { form: "discounted", gamma: 1 },
    paper: { dimensions: "all" },
  },
  lanes,
  run(batch, chosen, out) {
    if (batch["turn.attribution"] !== null) out.attribution.set(batch["turn.attribution"]);
    rewardsOf(batch, { attribution: batch["turn.attribution"], score: batch.reward }, chosen, out, out.goal);
    if (chosen.dimensions === "goal") {
      out.credit.set(out.goal);
      return;
    }
    scaleToUnit(out.goal, out.scaledGoal);
    const other = { share: new Float64Array(out.goal.length), score: new Float64Array(out.goal.length) };
    for (const name of ["relationship", "knowledge"] as const) {
      const score = batch[`trajectory.rewards.${name}`]!;
      const attribution = batch[`turn.attribution_${name}`];
      rewardsOf(batch, { attribution, score }, chosen, other, out[name]);
      scaleToUnit(out[name], out[name]);
    }
    for (let u = 0; u < out.credit.length; u++)
      out.credit[u] = (out.scaledGoal[u]! + out.relationship[u]! + out.knowledge[u]!) / 3;
  },
  formula: ({ dimensions }) => [
    { left: "r", symbols: "share · G", numbers: "{share} · {score}", equals: "goal" },
    dimensions === "goal"
      ? { left: "r", symbols: "reward for the goal", numbers: "{goal}", equals: "credit" }
      : {
          left: "r",
          symbols: "(goal + relationship + knowledge) / 3",
          numbers: "({scaledGoal} + {relationship} + {knowledge}) / 3",
          equals: "credit",
        },
  ],
});

/** Rewards of the utterances in one dimension. */
function rewardsOf(
  { turns }: Input,
  { attribution, score }: { readonly attribution: Float64Array | null; readonly score: Float64Array },
  { form, scale, gamma, empty }: Chosen,
  lane: Pick<Output, "share" | "score">,
  reward: Float64Array,
): void {
  lane.score.fill(1);
  spread(turns, score, lane.score, lane.score);
  if (form === "discounted") recencies(turns, gamma, lane.share);
  else if (form === "normalized") shares(turns, attribution!, empty === "zero" ? 0 : NaN, lane.share);
  else {
    for (let u = 0; u < reward.length; u++) {
      const invalid = attribution![u] === -1;
      lane.share[u] = invalid ? -1 : attribution![u]! / scale;
      if (invalid) lane.score[u] = 1;
    }
  }
  for (let u = 0; u < reward.length; u++) reward[u] = lane.share[u]! * lane.score[u]!;
}
