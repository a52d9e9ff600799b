import { outcomeOf } from "../../rollout/summary.ts";
import { scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { bufferWeights, domainName, type DomainReward, SmoothedDomains } from "../domainSampling.ts";
import { textField } from "../loggedFields.ts";
import { lackingOf } from "../lacking.ts";

/** Sampling weights of the next step by how far each domain is from its target (RuleReasoner). */
export const domainWeights = diagnostic({
  id: "domainWeights",
  label: "Domain weights (RuleReasoner)",
  doc: "Weights with which the next train step would sample each domain (field `data_source`, else `domain`), from how far its mean reward over the last steps is from the target.",
  paper: "https://arxiv.org/abs/2506.08672",
  status: "code",
  scope: "batch",
  needs: ["trajectory.reward", "trajectory.data_source"],
  params: {
    form: {
      kind: "choice",
      choices: ["buffer", "ewma"],
      default: "buffer",
      doc: "buffer: means over the last steps; ewma: smoothed means of each domain",
    },
    decay: {
      kind: "choice",
      choices: ["none", "harmonic", "geometric"],
      default: "harmonic",
      doc: "weights of older steps in the buffer: 1, 1/2, 1/3, … or 1, 1/2, 1/4, …",
    },
    bufferSize: { kind: "number", whole: true, default: 4, min: 1, doc: "train steps in the buffer" },
    tau: { kind: "number", default: 0.3, min: 1e-9, doc: "temperature of the weights" },
    epsilon: { kind: "number", default: 0.1, doc: "added to every domain's gap; it cancels" },
    target: { kind: "number", default: 1, min: 1e-9, max: 1, doc: "mean reward that a domain should reach" },
    alpha: { kind: "number", default: 0.5, min: 0, max: 1, doc: "weight of the old mean (ewma)" },
  },
  presets: { "released:ruleReasoner": {}, "released:ewma": { form: "ewma" } },
  measure({ form, alpha, bufferSize, ...settings }) {
    const buffer: (readonly DomainReward[])[] = [];
    const smoothed = new SmoothedDomains(alpha);
    const slots = Math.round(bufferSize);
    return {
      batch(batch) {
        const rewards = rewardsOf(batch);
        if (rewards.length === 0) return [unavailable(batch)];
        buffer.push(rewards);
        if (buffer.length > slots) buffer.shift();
        const weights =
          form === "ewma"
            ? smoothed.weights(rewards, settings)
            : bufferWeights(buffer, { ...settings, bufferSize: slots });
        const evidence = { form, domains: domainsOf(rewards), steps: form === "ewma" ? null : buffer.length };
        return [{ scope: scopeOf(batch), value: Object.fromEntries(weights), evidence }];
      },
      end: () => [],
    };
  },
});

function rewardsOf({ members }: MeasuredBatch): readonly DomainReward[] {
  return members.flatMap(({ trajectory }) => {
    const domain = textField(trajectory, "data_source") ?? textField(trajectory, "domain");
    const reward = outcomeOf(trajectory);
    return domain === null || Number.isNaN(reward) ? [] : [{ domain, reward }];
  });
}

/** Rollouts and mean reward of each domain in this step. */
function domainsOf(rewards: readonly DomainReward[]): Readonly<Record<string, { n: number; mean: number }>> {
  const domains: Record<string, { n: number; mean: number }> = {};
  for (const { domain, reward } of rewards) {
    const name = domainName(domain);
    const { n, mean } = (domains[name] ??= { n: 0, mean: 0 });
    domains[name] = { n: n + 1, mean: (mean * n + reward) / (n + 1) };
  }
  return domains;
}

function unavailable(batch: MeasuredBatch): Measurement {
  const missing = lackingOf(batch.members, ["trajectory.reward", "trajectory.data_source"]);
  return { scope: scopeOf(batch), value: null, evidence: {}, missing };
}
