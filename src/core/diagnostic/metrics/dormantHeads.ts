import type { Trajectory } from "../../rollout/trajectory.ts";
import type { Matrix } from "../../stats/singularValues.ts";
import { firstToOthers, flipsOf, sinkMass } from "../attentionHead.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type Measurement, type Plain } from "../diagnostic.ts";
import { fieldOf, matrixIn, numbersIn } from "../loggedFields.ts";

/** Heads that look at the first token only, and where they wake. */
export const dormantHeads = diagnostic({
  id: "dormantHeads",
  label: "Active and dormant heads",
  doc: "Share of the logged heads whose mean attention to the first token is above a threshold, the tokens at which each flips, and how the first token's value and residual norms compare with the others'. Fields `attentions` [layer][head][token][token], `value_norms` [layer][head][token] and `residual_norms` [layer][token], of a turn's tokens or of the trajectory.",
  paper: "https://arxiv.org/abs/2410.13835",
  status: "own",
  scope: "rollout",
  needs: ["trajectory.attentions"],
  params: {
    dormantAbove: {
      kind: "number",
      default: 0.9,
      min: 0,
      max: 1,
      doc: "mean attention to the first token above which a head is dormant",
    },
  },
  presets: { default: {} },
  measure: ({ dormantAbove }) => ({
    batch: (batch) =>
      batch.members.map(({ trajectory }) => ({
        scope: rolloutScope(batch, trajectory),
        ...measureHeads(trajectory, dormantAbove),
      })),
    end: () => [],
  }),
});

function measureHeads(trajectory: Trajectory, dormantAbove: number): Omit<Measurement, "scope"> {
  const layers = listIn(logged(trajectory, "attentions"));
  const norms = listIn(logged(trajectory, "value_norms"));
  const heads = layers.flatMap((layer, l) =>
    listIn(layer).flatMap((head, h) => {
      const attention = matrixIn(head);
      return attention === null ? [] : [headOf(attention, { layer: l, head: h, norms, dormantAbove })];
    }),
  );
  if (heads.length === 0) return { value: NaN, evidence: {}, missing: ["trajectory.attentions"] };
  const residuals = listIn(logged(trajectory, "residual_norms")).map((layer) =>
    firstToOthers(numbersIn(layer) ?? []),
  );
  const dormant = heads.filter((head) => head["dormant"] === true).length;
  return { value: dormant / heads.length, evidence: { heads, residualPeaks: residuals, dormantAbove } };
}

interface HeadPlace {
  readonly layer: number;
  readonly head: number;
  readonly norms: readonly unknown[];
  readonly dormantAbove: number;
}

function headOf(attention: Matrix, place: HeadPlace): { readonly [key: string]: Plain } {
  const { layer, head, norms, dormantAbove } = place;
  const mass = sinkMass(attention);
  return {
    layer,
    head,
    sinkMass: mass,
    dormant: mass > dormantAbove,
    flips: flipsOf(attention, dormantAbove),
    valueNormRatio: firstToOthers(numbersIn(listIn(norms[layer])[head]) ?? []),
  };
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A field of the first turn whose tokens hold it, else of the trajectory. */
function logged(trajectory: Trajectory, name: string): unknown {
  const turn = trajectory.turns.find(({ tokens }) => tokens?.extra.has(name) === true);
  return turn?.tokens?.extra.get(name) ?? fieldOf(trajectory, name);
}
