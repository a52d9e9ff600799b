/** R(s, a, s′) of a finite world: index (s · actions + a) · states + s′. */
export interface RewardTable {
  readonly states: number;
  readonly actions: number;
  readonly values: Float64Array;
}

/** What happens in that world, for canonicalisations that ask. */
export interface Dynamics {
  /** P(s′ | s, a) as the rewards are laid out; rows of zeros = never tried. */
  readonly transition: Float64Array;
  readonly discount: number;
}

export const canonicalForms = ["EPIC", "DARD", "Value", "ValuePotential", "Greedy", "None"] as const;
export type CanonicalForm = (typeof canonicalForms)[number];

/** Nested lists [s][a][s′] as a table; null where they are not S×A×S. */
export function tableOf(lists: readonly (readonly (readonly number[])[])[]): RewardTable | null {
  const states = lists.length;
  const actions = lists[0]?.length ?? 0;
  const fits = lists.every((rows) => rows.length === actions && rows.every((row) => row.length === states));
  return fits && actions > 0 ? { states, actions, values: Float64Array.from(lists.flat(2)) } : null;
}

/**
 * A reward without its shaping (section 16): EPIC, DARD, value (constant in s′: the default of STARC), value-potential, and
 * EPIC's greedy relative. State, action and policy distributions are uniform.
 */
export function canonical(reward: RewardTable, form: CanonicalForm, dynamics: Dynamics): RewardTable {
  const { discount, transition } = dynamics;
  switch (form) {
    case "None":
      return reward;
    case "EPIC": {
      const potential = stateMeans(reward, uniform(reward));
      return shaped(reward, potential, discount, () => discount * average(potential));
    }
    case "Greedy": {
      const best = greedyMeans(reward);
      return shaped(reward, best, discount, () => discount * average(best));
    }
    case "DARD": {
      const potential = stateMeans(reward, transition);
      const beyond = successorMeans(reward, transition);
      return shaped(reward, potential, discount, (s, next) => discount * beyond(s, next));
    }
    case "ValuePotential":
      return shaped(reward, policyValues(reward, dynamics), discount, () => 0);
    case "Value":
      return expected(
        shaped(reward, policyValues(reward, dynamics), discount, () => 0),
        transition,
      );
  }
}

/** R(s, a, s′) + γΦ(s′) − Φ(s) − less(s, s′). */
export function shaped(
  { states, actions, values }: RewardTable,
  potential: Float64Array,
  discount: number,
  less: (s: number, next: number) => number = () => 0,
): RewardTable {
  const out = Float64Array.from(values);
  for (let s = 0; s < states; s++) {
    for (let next = 0; next < states; next++) {
      const shift = discount * potential[next]! - potential[s]! - less(s, next);
      for (let a = 0; a < actions; a++) out[(s * actions + a) * states + next]! += shift;
    }
  }
  return { states, actions, values: out };
}

function uniform({ states, values }: RewardTable): Float64Array {
  return new Float64Array(values.length).fill(1 / states);
}

/** Mean over actions and next states, next states drawn from `transition`: Σ_a 1/A Σ_s′ P·R, for each state. */
function stateMeans({ states, actions, values }: RewardTable, transition: Float64Array): Float64Array {
  const width = actions * states;
  return Float64Array.from({ length: states }, (_, s) => {
    let sum = 0;
    for (let i = s * width; i < (s + 1) * width; i++) sum += transition[i]! * values[i]!;
    return sum / actions;
  });
}

/** Mean over next states of the best action, for each state. */
function greedyMeans({ states, actions, values }: RewardTable): Float64Array {
  return Float64Array.from({ length: states }, (_, s) => {
    let best = -Infinity;
    for (let a = 0; a < actions; a++) {
      const from = (s * actions + a) * states;
      best = Math.max(best, average(values.subarray(from, from + states)));
    }
    return best;
  });
}

/** E[R(S′, A, S″)] with S′ a successor of s and S″ one of s′, the same uniform action in both (DARD). */
function successorMeans(
  { states, actions, values }: RewardTable,
  transition: Float64Array,
): (s: number, next: number) => number {
  return (s, next) => {
    let sum = 0;
    for (let a = 0; a < actions; a++) {
      for (let x = 0; x < states; x++) {
        const reach = transition[(s * actions + a) * states + x]!;
        if (reach === 0) continue;
        for (let y = 0; y < states; y++) {
          const on = transition[(next * actions + a) * states + y]!;
          sum += reach * on * values[(x * actions + a) * states + y]!;
        }
      }
    }
    return sum / actions;
  };
}

const sweepLimit = 10_000;
const converged = 1e-8;

/**
 * Values of the policy that takes each tried action of a state equally often, by in-place sweeps until none moves by more
 * than 1e-8 (as the official code does: a constant reward keeps an error of that size). States without a tried action: 0.
 */
export function policyValues({ states, actions, values }: RewardTable, dynamics: Dynamics): Float64Array {
  const { transition, discount } = dynamics;
  const width = actions * states;
  const tried = Int32Array.from({ length: states }, (_, s) => triedActions(transition, s, actions, states));
  const value = new Float64Array(states);
  for (let sweep = 0; sweep < sweepLimit; sweep++) {
    let moved = 0;
    for (let s = 0; s < states; s++) {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const p = transition[s * width + i]!;
        if (p !== 0) sum += p * (values[s * width + i]! + discount * value[i % states]!);
      }
      const now = tried[s] === 0 ? 0 : sum / tried[s]!;
      moved = Math.max(moved, Math.abs(now - value[s]!));
      value[s] = now;
    }
    if (moved < converged) break;
  }
  return value;
}

function triedActions(transition: Float64Array, s: number, actions: number, states: number): number {
  let n = 0;
  for (let a = 0; a < actions; a++) {
    const from = (s * actions + a) * states;
    if (transition.subarray(from, from + states).some((p) => p > 0)) n++;
  }
  return n;
}

/** Each row replaced by its expectation over next states. */
function expected({ states, actions, values }: RewardTable, transition: Float64Array): RewardTable {
  const out = new Float64Array(values.length);
  for (let from = 0; from < values.length; from += states) {
    let sum = 0;
    for (let i = from; i < from + states; i++) if (transition[i] !== 0) sum += transition[i]! * values[i]!;
    out.fill(sum, from, from + states);
  }
  return { states, actions, values: out };
}

function average(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
