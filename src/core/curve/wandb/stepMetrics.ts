/** Ends of names that count train steps; epochs and hours do not. */
const stepName = /(?:step|iteration)s?$/i;

/** More patterns than a run defines: each is tried on every name. */
const mostPrefixes = 1000;

/**
 * Steps that a run says its metrics are drawn over (`define_metric`). `_step` counts calls of `wandb.log`, so that
 * Hugging Face's and Lightning's loggers have all their metrics drawn over the trainer's own step.
 */
export class StepMetrics {
  /** The metric that gives the steps, by name or by pattern (`*` at the end). */
  readonly #exact = new Map<string, string>();
  readonly #prefixes = new Map<string, string>();
  /** The last step that each of them was logged with; null where none was so far. */
  readonly #steps = new Map<string, number | null>();

  define({ pattern, metric }: { readonly pattern: string; readonly metric: string }): void {
    if (!stepName.test(metric)) return;
    if (!this.#steps.has(metric)) this.#steps.set(metric, null);
    if (!pattern.endsWith("*")) this.#exact.set(pattern, metric);
    else if (this.#prefixes.size < mostPrefixes) this.#prefixes.set(pattern.slice(0, -1), metric);
  }

  /** The metric is itself what others are drawn over. */
  isStep(name: string): boolean {
    return this.#steps.has(name);
  }

  /** A value was logged, before any other of its record is asked for. */
  note(name: string, value: number): void {
    if (this.#steps.has(name) && Number.isInteger(value)) this.#steps.set(name, value);
  }

  /** The step a metric stands at now; undefined where the run does not say. */
  stepOf(name: string): number | undefined {
    const metric = this.#exact.get(name) ?? this.#byPrefix(name);
    return metric === undefined ? undefined : (this.#steps.get(metric) ?? undefined);
  }

  #byPrefix(name: string): string | undefined {
    for (const [prefix, metric] of this.#prefixes) if (name.startsWith(prefix)) return metric;
    return undefined;
  }
}
