/** Section of a metric: what stands before the first `/`; "other" where there is none. */
export function metricGroup(name: string): string {
  const slash = name.indexOf("/");
  return slash > 0 ? name.slice(0, slash) : "other";
}

/** The metric's name in its section. */
export function nameInGroup(name: string): string {
  const slash = name.indexOf("/");
  return slash > 0 && slash < name.length - 1 ? name.slice(slash + 1) : name;
}

/**
 * What one looks at first, each with the names that verl, TRL, OpenRLHF and prime-rl give it, the best first. The
 * metrics of the first pattern that matches anything are taken.
 */
const overviewPatterns: readonly (readonly RegExp[])[] = [
  // Reward.
  [
    /^critic\/rewards?\/mean$/i,
    /(^|\/)rewards?(\/all)?\/mean$/i,
    /^(train\/)?reward$/i,
    /^objective\/(scores|rlhf_reward)$/i,
    /(^|\/)(episode_return_mean|mean_reward|reward_mean)$/i,
  ],
  // Score, where it is not the reward.
  [/^critic\/scores?\/mean$/i, /(^|\/)scores?\/mean$/i],
  // Accuracy.
  [
    /^val-core\/.*\/(acc|reward)\/(mean|best)@\d+(\/mean)?$/i,
    /^val\/test_score\//i,
    /(^|[/_])(acc|accuracy|solve_all|pass_?(at_?|@)?1)([/_]mean)?$/i,
  ],
  // Length.
  [
    /^response_length\/mean$/i,
    /^(train\/)?completions?(\/mean)?_length$/i,
    /(^|\/)(response_length|completion_len|seq_len|output_length)(\/all)?(\/mean)?$/i,
  ],
  // Distance from the reference, or from the policy that sampled.
  [
    /^actor\/(kl_loss|reward_kl_penalty)$/i,
    /^(train\/|objective\/)?kl$/i,
    /(^|\/)(mismatch_kl)(\/all)?(\/mean)?$/i,
    /^actor\/ppo_kl$/i,
    /(^|\/)(approx_?kl(_avg)?|ppo_kl)$/i,
  ],
  [/^actor\/entropy(_loss)?$/i, /(^|\/)entropy(_loss|_avg)?(\/all)?(\/mean)?$/i],
  [/^actor\/grad_norm$/i, /(^|\/)(actor_)?grad_norm$/i],
  [/^actor\/pg_loss$/i, /(^|\/)(policy_loss|pg_loss|policy_avg)$/i, /^(train\/)?(loss|loss\/mean)$/i],
];

/** Metrics of one kind that are shown in the overview at most: several data sets have an accuracy each. */
const mostOfKind = 2;

/** Of the names, those of the overview, in its order. */
export function overviewOf(names: readonly string[]): readonly string[] {
  const chosen = new Set<string>();
  for (const patterns of overviewPatterns) {
    for (const pattern of patterns) {
      const matches = names.filter((name) => pattern.test(name));
      for (const name of matches.slice(0, mostOfKind)) chosen.add(name);
      if (matches.length > 0) break;
    }
  }
  return [...chosen];
}
