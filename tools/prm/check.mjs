// Compares model.onnx and tokenizer.json, as Node runs them, with the fixtures that torch wrote.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import * as ort from "onnxruntime-node";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = `${root}media/models/arithmetic-starter/`;
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const tokenizer = new Tokenizer(json(`${folder}tokenizer.json`), json(`${folder}tokenizer_config.json`));
const session = await ort.InferenceSession.create(`${folder}model.onnx`, { enableCpuMemArena: false });
const { sequences } = json(`${root}test/fixtures/arithmetic-starter.json`);

const mark = (text) => tokenizer.token_to_id(text);
const encode = (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;

async function logitsOf(rows) {
  const length = Math.max(...rows.map((row) => row.length));
  const ids = new BigInt64Array(rows.length * length);
  const mask = new BigInt64Array(rows.length * length);
  rows.forEach((row, r) =>
    row.forEach((id, i) => {
      ids[r * length + i] = BigInt(id);
      mask[r * length + i] = 1n;
    }),
  );
  const dims = [rows.length, length];
  const { logits } = await session.run({
    input_ids: new ort.Tensor("int64", ids, dims),
    attention_mask: new ort.Tensor("int64", mask, dims),
  });
  return rows.map((row, r) =>
    row.map((_, i) => [logits.data[(r * length + i) * 2], logits.data[(r * length + i) * 2 + 1]]),
  );
}

const difference = (found, wanted) =>
  Math.max(
    ...found.flatMap((pair, i) => [Math.abs(pair[0] - wanted[i][0]), Math.abs(pair[1] - wanted[i][1])]),
  );

let worst = 0;
let otherIds = 0;
for (const { problem, steps, ids, logits } of sequences) {
  const own = [
    mark("<bos>"),
    ...encode(problem),
    mark("<sol>"),
    ...steps.flatMap((step) => [...encode(step), mark("<step>")]),
  ];
  otherIds += own.length !== ids.length || own.some((id, i) => id !== ids[i]) ? 1 : 0;
  worst = Math.max(worst, difference((await logitsOf([ids]))[0], logits));
}
const batch = await logitsOf(sequences.map(({ ids }) => ids));
const padded = Math.max(...batch.map((found, i) => difference(found, sequences[i].logits)));
console.log(
  `${sequences.length} sequences, ${otherIds} tokenised differently, largest difference ${worst.toExponential(1)} alone, ${padded.toExponential(1)} as one padded batch`,
);
if (otherIds > 0 || worst > 1e-4 || padded > 1e-4) {
  process.exitCode = 1;
}
