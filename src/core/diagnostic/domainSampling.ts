/** A rollout's domain with its reward. */
export interface DomainReward {
  readonly domain: string;
  readonly reward: number;
}

export type Decay = "none" | "harmonic" | "geometric";

/** Settings of RuleReasoner's sampler (section 15.2). */
export interface DomainSettings {
  readonly tau: number;
  readonly epsilon: number;
  /** Reward that a domain should reach. */
  readonly target: number;
}

export interface BufferSettings extends DomainSettings {
  readonly decay: Decay;
  /** Batches that the buffer holds when full: the target is spread over them, however many there are. */
  readonly bufferSize: number;
}

/** Names of domains as the sampler compares them. */
export function domainName(source: string): string {
  return source.toLowerCase().replaceAll("-", "_").replaceAll(" ", "_");
}

/** @throws RangeError where the official code asserts: the target lies in (0, 1]; and at a temperature that is none */
function check({ tau, target }: DomainSettings): void {
  if (!(target > 0 && target <= 1)) throw new RangeError("the target reward lies above 0, up to 1");
  if (tau === 0 || Number.isNaN(tau)) throw new RangeError("the temperature is a number other than 0");
}

/**
 * Sampling weight of each domain from the last batches: ∝ exp((max(0, target − mean) + ε) / τ). Decayed rewards lower the
 * mean of a domain as well as the target.
 * @param buffer batches, oldest first; none = no weights
 */
export function bufferWeights(
  buffer: readonly (readonly DomainReward[])[],
  { decay, bufferSize, ...settings }: BufferSettings,
): Map<string, number> {
  check(settings);
  const factor = (age: number): number =>
    decay === "none" ? 1 : decay === "harmonic" ? 1 / (age + 1) : 0.5 ** age;
  const slots = decay === "none" ? buffer.length : bufferSize;
  const factors = Array.from({ length: slots }, (_, age) => factor(age));
  const target = (settings.target * factors.reduce((a, b) => a + b, 0)) / bufferSize;
  // Newest first, as the official code does: it settles the order of the domains and of the sum.
  const order = decay === "none" ? buffer : buffer.toReversed();
  const decayed = order.flatMap((batch, age) =>
    batch.map(({ domain, reward }) => ({ domain, reward: reward * factor(age) })),
  );
  return weightsOf(domainMeans(decayed), { ...settings, target });
}

/** Means of each domain smoothed over batches; a mean of exactly 0 counts as none, as in the official code. */
export class SmoothedDomains {
  readonly means = new Map<string, number>();
  readonly #alpha: number;

  /** @param alpha weight of the old mean */
  constructor(alpha: number) {
    this.#alpha = alpha;
  }

  /** Takes in a batch. @returns weights of the domains that it holds */
  weights(batch: readonly DomainReward[], settings: DomainSettings): Map<string, number> {
    check(settings);
    const latest = domainMeans(batch);
    for (const [domain, mean] of latest) {
      const old = this.means.get(domain) ?? 0;
      const smoothed = old === 0 ? mean : this.#alpha * old + (1 - this.#alpha) * mean;
      this.means.set(domain, smoothed);
      latest.set(domain, smoothed);
    }
    return weightsOf(latest, settings);
  }
}

function domainMeans(rewards: readonly DomainReward[]): Map<string, number> {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const { domain, reward } of rewards) {
    const name = domainName(domain);
    const { sum, n } = sums.get(name) ?? { sum: 0, n: 0 };
    sums.set(name, { sum: sum + reward, n: n + 1 });
  }
  return new Map([...sums].map(([name, { sum, n }]) => [name, sum / n]));
}

/** The greatest exponent is taken from all, which cancels: at a small temperature they are too large to be raised to. */
function weightsOf(means: ReadonlyMap<string, number>, settings: DomainSettings): Map<string, number> {
  const { tau, epsilon, target } = settings;
  const exponents = [...means].map(
    ([name, mean]) => [name, (Math.max(0, target - mean) + epsilon) / tau] as const,
  );
  const greatest = Math.max(...exponents.map(([, exponent]) => exponent));
  const raw = exponents.map(([name, exponent]) => [name, Math.exp(exponent - greatest)] as const);
  const sum = raw.reduce((total, [, weight]) => total + weight, 0);
  return new Map(raw.map(([name, weight]) => [name, weight / sum]));
}
