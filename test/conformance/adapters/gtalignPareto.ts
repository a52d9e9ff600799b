import {
  boundsOf,
  coverageSpread,
  frontierRegret,
  isDominated,
  isNearFrontier,
  paretoFrontier,
  type Payoff,
  releasedHypervolume,
  welfareOf,
} from "../../../src/core/diagnostic/pareto.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";

export const gtalignPareto: ValueAdapter = {
  file: "gtalign_pareto",
  values: (inputs) => ("points" in inputs ? ofPoints(inputs) : ofPair(inputs)),
};

function ofPoints(inputs: Inputs): Record<string, unknown> {
  const points = inputs["points"] as readonly Payoff[];
  const ranges = inputs["ranges"] as Payoff;
  const epsilon = inputs["eps"] as number;
  const frontier = paretoFrontier(points);
  const { nash, cobbDouglas } = welfareOf(points, inputs["alpha"] as number);
  return {
    frontier,
    hypervolume_official: releasedHypervolume(frontier, inputs["reference"] as Payoff),
    regret: points.map((point) => frontierRegret(point, frontier, ranges)),
    within_eps: points.map((point) => isNearFrontier(point, frontier, { ranges, epsilon })),
    welfare: [nash, cobbDouglas],
    spread: coverageSpread(points, points.length === 0 ? { min: [0, 0], max: [0, 0] } : boundsOf(points)),
  };
}

function ofPair(inputs: Inputs): Record<string, unknown> {
  const [a, b] = [inputs["a"], inputs["b"]] as [Payoff, Payoff];
  const epsilon = inputs["eps"] as number;
  return {
    a_dominated_by_b: isDominated(a, b, epsilon),
    b_dominated_by_a: isDominated(b, a, epsilon),
    strict: isDominated(a, b, 0),
  };
}
