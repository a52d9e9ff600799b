/** Transitions between two states that the shaping term was paid on. */
interface Edge {
  readonly from: number;
  /** −1 = the episode ended. */
  readonly to: number;
  n: number;
  sum: number;
  squares: number;
}

export interface PotentialFit {
  /** Share of the term's sum of squares that no potential explains; 0 = pure potential, NaN of no transitions. */
  readonly residual: number;
  readonly transitions: number;
  /** Potential of each state, least-squares; defined up to a constant where γ = 1 and no end fixes it. */
  readonly potential: ReadonlyMap<string, number>;
}

/**
 * Fits a potential Φ over states to a shaping term: F(s, s′) = γΦ(s′) − Φ(s), least squares. What is left over can change
 * the optimal policy (Ng, Harada, Russell 1999). Equal transitions are kept as one, so that memory grows with the
 * states and not with the log.
 */
export class ShapingTransitions {
  readonly #states = new Map<string, number>();
  readonly #edges = new Map<string, Edge>();
  readonly #gamma: number;

  constructor(gamma: number) {
    this.#gamma = gamma;
  }

  /** @param to null = the episode ended there, where the potential is 0 */
  add(from: string, to: string | null, shaping: number): void {
    const [a, b] = [this.#indexOf(from), to === null ? -1 : this.#indexOf(to)];
    const key = `${a} ${b}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) this.#edges.set(key, (edge = { from: a, to: b, n: 0, sum: 0, squares: 0 }));
    edge.n++;
    edge.sum += shaping;
    edge.squares += shaping * shaping;
  }

  fit(): PotentialFit {
    const edges = [...this.#edges.values()];
    const potential = solve(edges, this.#states.size, this.#gamma);
    let [left, all, transitions] = [0, 0, 0];
    for (const edge of edges) {
      const fitted = applied(edge, potential, this.#gamma);
      left += edge.squares - 2 * fitted * edge.sum + edge.n * fitted * fitted;
      all += edge.squares;
      transitions += edge.n;
    }
    const residual = transitions === 0 ? NaN : all === 0 ? 0 : Math.max(0, left / all);
    return {
      residual,
      transitions,
      potential: new Map([...this.#states].map(([state, i]) => [state, potential[i]!])),
    };
  }

  #indexOf(state: string): number {
    let index = this.#states.get(state);
    if (index === undefined) this.#states.set(state, (index = this.#states.size));
    return index;
  }
}

function applied({ from, to }: Edge, potential: Float64Array, gamma: number): number {
  return (to < 0 ? 0 : gamma * potential[to]!) - potential[from]!;
}

/** Conjugate gradients on the normal equations: needs no matrix, and takes the smallest of many answers. */
function solve(edges: readonly Edge[], states: number, gamma: number): Float64Array {
  const x = new Float64Array(states);
  const gradient = (values: (edge: Edge) => number): Float64Array => {
    const out = new Float64Array(states);
    for (const edge of edges) {
      const value = values(edge);
      out[edge.from]! -= value;
      if (edge.to >= 0) out[edge.to]! += gamma * value;
    }
    return out;
  };
  let residual = gradient(({ sum }) => sum);
  const direction = Float64Array.from(residual);
  let size = dot(residual, residual);
  const enough = size * 1e-24;
  for (let i = 0; i < 4 * states + 20 && size > enough && size > 0; i++) {
    const image = gradient((edge) => edge.n * applied(edge, direction, gamma));
    const curvature = dot(direction, image);
    if (curvature <= 0) break;
    const step = size / curvature;
    for (let s = 0; s < states; s++) x[s]! += step * direction[s]!;
    residual = residual.map((r, s) => r - step * image[s]!);
    const before = size;
    size = dot(residual, residual);
    for (let s = 0; s < states; s++) direction[s] = residual[s]! + (size / before) * direction[s]!;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
