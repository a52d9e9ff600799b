import fc from "fast-check";
import { expect, test } from "vitest";
import type { CurveContent } from "../../../src/core/curve/curveFormat.ts";
import { wandb } from "../../../src/core/curve/formats/wandb.ts";
import { alone, memorySource } from "../format/memorySource.ts";
import { bytesField } from "./eventFile.ts";
import { chunk, fileHeader, history, output, run, stepMetric, wandbFile } from "./wandbFile.ts";

const read = (bytes: Uint8Array): Promise<CurveContent> =>
  wandb.read(memorySource(bytes), alone("wandb/run-a/run-a.wandb"), {});
const pointsOf = ({ series }: CurveContent): unknown =>
  Object.fromEntries(
    series.map(({ name, steps, values }) => [name, [...steps].map((step, i) => [step, values[i]])]),
  );
const codesOf = ({ issues }: CurveContent): unknown => issues.map(({ code, byte }) => [code, byte]);

test("values are numbers by themselves, bare or quoted words; media, flags and text are none", async () => {
  const content = await read(
    wandbFile(
      history(3, [
        ["flat", "0.5"],
        [["nested", "b", "c"], "-2e-3"],
        [["big"], "9007199254740993"],
        ["nan", "NaN"],
        ["quoted", '"NaN"'],
        ["infinite", "-Infinity"],
        [["dict"], '{"a":1,"b":{"c":NaN},"image":{"_type":"image-file","width":3}}'],
        ["table", '{"_type":"table-file","nrows":4}'],
        ["text", '"12"'],
        ["flag", "true"],
        ["list", "[1,2]"],
        ["broken", "{"],
        ["_runtime", "12.5"],
        [["_wandb", "runtime"], "3"],
      ]),
    ),
  );
  expect(pointsOf(content)).toEqual({
    flat: [[3, 0.5]],
    "nested.b.c": [[3, -0.002]],
    big: [[3, 2 ** 53]],
    nan: [[3, NaN]],
    quoted: [[3, NaN]],
    infinite: [[3, -Infinity]],
    "dict.a": [[3, 1]],
    "dict.b.c": [[3, NaN]],
  });
  expect(content.series[0]!.wallTimes).toEqual(Float64Array.of(1_760_000_003));
  expect(content.issues).toEqual([]);
});

test("the run is what the log calls it, at last; without a name it is its id", async () => {
  const nameOf = async (...names: readonly string[]): Promise<unknown> => {
    const { series } = await read(
      wandbFile(...names.flatMap((name, i) => [run("x1", name), history(i, [["loss", "1"]])])),
    );
    return series.map((one) => [one.run, one.runId, one.steps.length]);
  };
  expect(await nameOf("first")).toEqual([["first", "x1", 1]]);
  expect(await nameOf("first", "renamed")).toEqual([["renamed", "x1", 2]]);
  expect(await nameOf("")).toEqual([["x1", "x1", 1]]);
  expect((await read(wandbFile(history(0, [["loss", "1"]])))).series[0]).toMatchObject({
    run: null,
    runId: null,
  });
});

test("metrics are drawn over the trainer's step where the run says so", async () => {
  const { series } = await read(
    wandbFile(
      stepMetric("*", "train/global_step"),
      stepMetric("eval/loss", "eval/step"),
      stepMetric("by_epoch", "epoch"),
      history(0, [["loss", "9"]]),
      history(1, [
        ["loss", "1"],
        ["by_epoch", "5"],
        ["epoch", "0.5"],
        ["train/global_step", "10"],
      ]),
      history(2, [
        ["eval/loss", "2"],
        ["eval/step", "7"],
      ]),
      history(3, [["loss", "3"]]),
    ),
  );
  expect(series.map(({ name, steps }) => [name, [...steps]])).toEqual([
    ["loss", [0, 10, 10]],
    ["by_epoch", [10]],
    ["epoch", [10]],
    ["eval/loss", [7]],
  ]);
});

test("records that go over blocks are put together", async () => {
  for (const length of [32_740, 32_748, 32_754, 32_755, 32_756, 32_757, 32_760, 70_000]) {
    const content = await read(
      wandbFile(run("a", ""), output(length), history(1, [["loss", "1"]]), history(2, [["loss", "2"]])),
    );
    expect([pointsOf(content), content.issues]).toEqual([
      {
        loss: [
          [1, 1],
          [2, 2],
        ],
      },
      [],
    ]);
  }
});

test("behind damage the next block is read; the rest of a record whose beginning is damaged is left out", async () => {
  const before = wandbFile(history(1, [["loss", "1"]])).length;
  const bytes = wandbFile(
    history(1, [["loss", "1"]]),
    history(2, [["loss", "2"]]),
    output(40_000),
    history(3, [["loss", "3"]]),
  );
  const broken = bytes.with(before + 12, bytes[before + 12]! ^ 1);
  const content = await read(broken);
  expect(pointsOf(content)).toEqual({
    loss: [
      [1, 1],
      [3, 3],
    ],
  });
  expect(codesOf(content)).toEqual([["damaged", before]]);
});

test("a chunk of no kind, one that is longer than its block, and a record without an end are damage", async () => {
  const of = (...bytes: readonly number[]): Promise<CurveContent> =>
    read(Uint8Array.from([...fileHeader, ...bytes]));
  const at = fileHeader.length;
  expect(codesOf(await of(...chunk(9, [1, 2])))).toEqual([["damaged", at]]);
  expect(codesOf(await of(...chunk(1, []).with(5, 0x90)))).toEqual([["damaged", at]]);
  const content = await of(...chunk(2, [1]), ...chunk(1, [...history(1, [["loss", "1"]])]));
  expect(codesOf(content)).toEqual([["damaged", at]]);
  expect(pointsOf(content)).toEqual({ loss: [[1, 1]] });
});

test("a record that is none of W&B's, or of the history without a step, is left out with its byte", async () => {
  const first = wandbFile(history(1, [["loss", "1"]]));
  const content = await read(
    wandbFile(history(1, [["loss", "1"]]), [0x12, 0x7f, 1], bytesField(2, bytesField(1, bytesField(1, "x")))),
  );
  expect(pointsOf(content)).toEqual({ loss: [[1, 1]] });
  expect(codesOf(content)).toEqual([
    ["damaged", first.length],
    ["bad-field", first.length + 10],
  ]);
});

test("a log that is cut anywhere gives its whole records, and says that it may still be written", async () => {
  const first = wandbFile(run("a", "b"), history(1, [["loss", "1"]]));
  const whole = wandbFile(run("a", "b"), history(1, [["loss", "1"]]), history(2, [["loss", "2"]]));
  for (let to = first.length; to < whole.length; to++) {
    const content = await read(whole.subarray(0, to));
    expect(content.series.map(({ steps }) => [...steps])).toEqual([[1]]);
    expect(codesOf(content)).toEqual(to === first.length ? [] : [["torn-line", first.length]]);
  }
});

test("a log that is cut in a record of many chunks names the record's first byte", async () => {
  const first = wandbFile(history(1, [["loss", "1"]]));
  const whole = wandbFile(history(1, [["loss", "1"]]), output(100_000));
  for (const to of [first.length + 3, 32_768, 32_770, 65_536, 70_000, whole.length - 1])
    expect(codesOf(await read(whole.subarray(0, to)))).toEqual([["torn-line", first.length]]);
});

test("no bytes make the reader throw, framed or not, and definitions by the thousand cost no more than their number", async () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const isRead = async (content: Uint8Array): Promise<void> => {
    const { series, issueCount } = await read(content);
    for (const { steps, values } of series) expect(values.length).toBe(steps.length);
    expect(issueCount).toBeGreaterThanOrEqual(0);
  };
  await fc.assert(fc.asyncProperty(bytes, isRead), { numRuns: 300 });
  await fc.assert(
    fc.asyncProperty(fc.array(bytes), (payloads) => isRead(wandbFile(...payloads.map((one) => [...one])))),
    { numRuns: 300 },
  );
  const whole = wandbFile(run("a", "b"), stepMetric("*", "s/step"), history(1, [[["a", "b"], "1"]]));
  const mutated = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte));
  await fc.assert(fc.asyncProperty(mutated, isRead), { numRuns: 300 });
  const started = performance.now();
  const many = Array.from({ length: 20_000 }, (_, i) => stepMetric(`a${i}*`, `${i}step`));
  await isRead(wandbFile(...many, history(1, [["zz", "1"]])));
  expect(performance.now() - started).toBeLessThan(10_000);
});
