import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** `mask_answer` and `mask_iou` are the first tokens of their parts, kept among the rollout's own fields. */
export const zoomZeroTokenadv: Adapter = {
  file: "zoom_zero_tokenadv",
  members: ({
    components,
    mask_iou: iou,
    mask_answer: answer,
    response_mask: masks,
    eos_mask: eosMasks,
    index,
  }) =>
    rowsOf(masks ?? eosMasks).map((mask, r) => {
      const at = (numbers: unknown): number => numberOf((numbers as readonly unknown[])[r]);
      const { trajectory, groupKey } = member({ group: String((index as readonly unknown[])[r]), mask }, r);
      const rewards = new Map(
        Object.entries(components as Record<string, unknown>).map(([name, values]) => [name, at(values)]),
      );
      const extra = new Map([
        ["mask_iou", at(iou)],
        ["mask_answer", at(answer)],
      ]);
      return { trajectory: { ...trajectory, rewards, extra }, groupKey };
    }),
  lanes: ({ epsilon }) => ({
    advantages: {
      method: "zoomZero",
      params: { preset: "released:zoomZero", ...(epsilon === undefined ? {} : { epsilon }) },
      lane: "credit",
      shape: "positions",
    },
  }),
};
