import { type Adapter, member, type OutputLane } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/**
 * Step ends in shifted indexing, the prompt's first; an absent step (−100) is an empty one behind the text. Output keys say
 * whether there is a reference, the form, and how the response is scored: "w/ ref|single|min".
 */
export const implicitPrmSteps: Adapter = {
  file: "implicit_prm_steps",
  members: (inputs) => {
    const policy = rowsOf(inputs["policy_token_logps"]);
    const reference = rowsOf(inputs["ref_token_logps"]);
    const ends = rowsOf(inputs["step_end_positions"]);
    return rowsOf(inputs["label_mask_shifted"]).map((mask, r) => {
      const [promptEnd, ...own] = ends[r]!;
      let from = Math.max(0, promptEnd! + 1);
      const steps = own.map((end) => {
        if (end < 0) return [mask.length, mask.length, 0] as const;
        const step = [from, end + 1, 0] as const;
        from = end + 1;
        return step;
      });
      return member(
        { group: null, mask, steps, columns: { logprobs: policy[r]!, ref_logprobs: reference[r]! } },
        r,
      );
    });
  },
  lanes: ({ coef }) => {
    const lanes: Record<string, OutputLane> = {};
    for (const reference of ["ref", "none"]) {
      for (const form of ["single", "accumulative"]) {
        const key = `${reference === "ref" ? "w/ ref" : "w/o ref"}|${form}`;
        const of = (lane: string): OutputLane => ({
          method: "implicitPrm",
          params: { form, reference, beta: coef ?? 0.001 },
          lane,
          shape: "own",
        });
        lanes[key] = of("credit");
        lanes[`${key}|min`] = of("least");
        lanes[`${key}|sum`] = of("sum");
      }
    }
    return lanes;
  },
};
