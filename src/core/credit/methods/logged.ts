import { creditMethod } from "../method.ts";

/** The advantages as the trainer logged them: nothing is computed. What stage they are of, the log does not say. */
export const logged = creditMethod({
  id: "logged",
  label: "Logged advantages",
  doc: "The advantages column of the log, as the trainer wrote it (it may be whitened, clipped or shaped).",
  paper: "",
  math: String.raw`A_t = \text{the log's own}`,
  status: "own",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "advantage"],
  params: {},
  presets: { default: {} },
  lanes: {},
  run(batch, _, { credit }) {
    credit.set(batch.advantage);
  },
  formula: () => [],
});
