import fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { CurveContent } from "../../../src/core/curve/curveFormat.ts";
import { tensorboard } from "../../../src/core/curve/formats/tensorboard.ts";
import { sniffCurveFormat } from "../../../src/core/curve/registry.ts";
import { crc32c } from "../../../src/core/stats/crc32c.ts";
import { alone, headOfContent, memorySource } from "../format/memorySource.ts";
import {
  bytesField,
  doubleField,
  event,
  eventFile,
  float32,
  float64,
  floatField,
  intField,
  record,
  simple,
  start,
  tensor,
} from "./eventFile.ts";

const path = "run/events.out.tfevents.1760000000.host";
const read = (bytes: Uint8Array): Promise<CurveContent> =>
  tensorboard.read(memorySource(bytes), alone(path), {});
const pointsOf = ({ series }: CurveContent): unknown =>
  Object.fromEntries(
    series.map(({ name, steps, values }) => [name, [...steps].map((step, i) => [step, values[i]])]),
  );
const codesOf = ({ issues }: CurveContent): unknown => issues.map(({ code, byte }) => [code, byte]);
const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

test("CRC-32C is the one of RFC 3720", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test("simple values are read as float32 with step and wall time, in file order, repeats kept", async () => {
  const content = await read(
    eventFile(
      event(1, [simple("loss", 0.5), simple("reward/mean", 0.1)], 1_760_000_000.25),
      event(2, [simple("loss", 0.25)]),
      event(2, [simple("loss", 2)]),
      event(1, [simple("loss", 3)]),
    ),
  );
  expect(pointsOf(content)).toEqual({
    loss: [
      [1, 0.5],
      [2, 0.25],
      [2, 2],
      [1, 3],
    ],
    "reward/mean": [[1, Math.fround(0.1)]],
  });
  expect(content.series[0]!.wallTimes![0]).toBe(1_760_000_000.25);
  expect(content.issues).toEqual([]);
});

test("steps may be negative and beyond 2^53", async () => {
  const content = await read(
    eventFile(...[-1n, -(2n ** 63n), 2n ** 62n, 0n].map((step) => event(step, [simple("x", 1)]))),
  );
  expect([...content.series[0]!.steps]).toEqual([-1, -(2 ** 63), 2 ** 62, 0]);
});

test("scalar tensors are read in every encoding; the plugin stands only in a tag's first value", async () => {
  const of = (type: number, ...fields: readonly (readonly number[])[]): readonly number[] => [
    ...intField(1, type),
    ...bytesField(2, []),
    ...fields.flat(),
  ];
  const tensors = [
    of(1, bytesField(4, float32(0.5))),
    of(1, floatField(5, 1.5)),
    of(1, bytesField(5, float32(2.5))),
    of(2, bytesField(4, float64(0.1))),
    of(2, doubleField(6, 0.2)),
    of(3, intField(7, -3)),
    of(9, bytesField(10, [5])),
    of(19, bytesField(4, [0x00, 0x3e])),
    of(19, intField(13, 0x0001)),
    of(19, intField(13, 0xfc00)),
    of(14, bytesField(4, [0xc0, 0x3f])),
    of(14, intField(13, 0x7fc0)),
  ];
  const events = tensors.map((content, i) =>
    event(i, [i === 0 ? tensor("loss", content, "scalars") : tensor("loss", content)]),
  );
  const { series } = await read(eventFile(...events));
  expect([...series[0]!.values]).toEqual([
    0.5,
    1.5,
    2.5,
    0.1,
    0.2,
    -3,
    5,
    1.5,
    2 ** -24,
    -Infinity,
    1.5,
    NaN,
  ]);
});

test("tensors that are no scalars, text and tags without a plugin are no curves", async () => {
  const vector = [...intField(1, 1), ...bytesField(2, bytesField(2, intField(1, 2))), ...floatField(5, 1)];
  const text = [...intField(1, 7), ...bytesField(2, []), ...bytesField(8, "words")];
  const short = [...intField(1, 2), ...bytesField(2, []), ...bytesField(4, [1, 2])];
  const { series, issues } = await read(
    eventFile(
      event(1, [tensor("vector", vector, "scalars"), tensor("short", short, "scalars")]),
      event(1, [tensor("words", text, "text"), tensor("bare", vector)]),
    ),
  );
  expect([series, issues]).toEqual([[], []]);
});

test("values that are not finite are kept and said once a series, with the first one's byte", async () => {
  const first = eventFile(event(1, [simple("loss", 1)]));
  const content = await read(
    joined(first, record(event(2, [simple("loss", NaN)])), record(event(3, [simple("loss", -Infinity)]))),
  );
  expect([...content.series[0]!.values]).toEqual([1, NaN, -Infinity]);
  expect(content.series[0]!.issues).toMatchObject([{ code: "non-finite", line: 0, byte: first.length }]);
});

test("a record with a bad checksum is left out and the rest is read", async () => {
  const first = eventFile(event(1, [simple("loss", 1)]));
  const second = [...record(event(2, [simple("loss", 2)]))];
  second[20]! ^= 1;
  const content = await read(joined(first, second, record(event(3, [simple("loss", 3)]))));
  expect([...content.series[0]!.steps]).toEqual([1, 3]);
  expect(codesOf(content)).toEqual([["damaged", first.length]]);
});

test("behind a length that fails its checksum nothing is read", async () => {
  const first = eventFile(event(1, [simple("loss", 1)]));
  const second = [...record(event(2, [simple("loss", 2)]))];
  second[0]! ^= 1;
  const content = await read(joined(first, second, record(event(3, [simple("loss", 3)]))));
  expect([...content.series[0]!.steps]).toEqual([1]);
  expect(codesOf(content)).toEqual([["damaged", first.length]]);
});

test("a length that no record has is refused though its checksum fits", async () => {
  const first = eventFile(event(1, [simple("loss", 1)]));
  for (const length of [2n ** 63n, 2n ** 40n, 2n ** 31n])
    expect(codesOf(await read(joined(first, record([1, 2, 3], length))))).toEqual([
      ["damaged", first.length],
    ]);
  expect(codesOf(await read(joined(first, record([1, 2, 3], 2n ** 30n))))).toEqual([
    ["torn-line", first.length],
  ]);
});

test("a file that is cut anywhere gives its whole records, and says that it may still be written", async () => {
  const first = eventFile(event(1, [simple("loss", 1)]));
  const whole = joined(first, record(event(2, [simple("loss", 2)])));
  for (let to = first.length; to < whole.length; to++) {
    const content = await read(whole.subarray(0, to));
    expect([...content.series[0]!.steps]).toEqual([1]);
    expect(codesOf(content)).toEqual(to === first.length ? [] : [["torn-line", first.length]]);
  }
});

test("a record that is no event is left out with its byte", async () => {
  const first = eventFile(event(1, [simple("loss", 1)]));
  const content = await read(joined(first, record([0x2a, 0x7f, 1]), record(event(3, [simple("loss", 3)]))));
  expect([...content.series[0]!.steps]).toEqual([1, 3]);
  expect(codesOf(content)).toEqual([["damaged", first.length]]);
});

test("a trainer that starts again is said where points stand behind its step; they are kept", async () => {
  const points = [1, 2, 3].map((step) => event(step, [simple("loss", step)]));
  const content = await read(eventFile(start(0), ...points, start(2), event(2, [simple("loss", 9)])));
  expect([...content.series[0]!.steps]).toEqual([1, 2, 3, 2]);
  expect(content.issues.map(({ message }) => message)).toEqual([
    "The trainer started again at step 2: 2 points logged before stand at that step or behind it. They are kept.",
  ]);
});

test("an event file is recognised by its first record, and by its name while it holds none or damage", async () => {
  const sniff = async (name: string, bytes: Uint8Array): Promise<string | undefined> =>
    sniffCurveFormat(await headOfContent(bytes, name))?.id;
  const whole = eventFile();
  const damaged = whole.map((byte, i) => (i === 8 ? byte ^ 1 : byte));
  expect(await sniff("a/b", whole)).toBe("tensorboard");
  expect(await sniff(path, damaged)).toBe("tensorboard");
  expect(await sniff(path, new Uint8Array(0))).toBe("tensorboard");
  expect(await sniff("a/b", damaged)).toBeUndefined();
  expect(await sniff(path, new TextEncoder().encode("a note on event files"))).toBeUndefined();
});

test("no bytes make the reader throw, framed or not", async () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const isRead = async (content: Uint8Array): Promise<void> => {
    const { series, issueCount } = await read(content);
    for (const { steps, values, wallTimes } of series)
      expect([values.length, wallTimes?.length ?? steps.length]).toEqual([steps.length, steps.length]);
    expect(issueCount).toBeGreaterThanOrEqual(0);
  };
  await fc.assert(fc.asyncProperty(bytes, isRead), { numRuns: 300 });
  await fc.assert(
    fc.asyncProperty(fc.array(bytes), (payloads) =>
      isRead(eventFile(...payloads.map((payload) => [...payload]))),
    ),
    { numRuns: 300 },
  );
  const whole = eventFile(
    event(1, [simple("a", 1), tensor("b", [...intField(1, 1), ...floatField(5, 1)], "scalars")]),
  );
  const mutated = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte));
  await fc.assert(fc.asyncProperty(mutated, isRead), { numRuns: 300 });
});

const samples = fileURLToPath(new URL("../../../../shared/samples/tensorboard/", import.meta.url));

/** Files that the original writer libraries wrote; they lie beside the repository, not in it. */
test.skipIf(!existsSync(samples))("files of the original writers are read without damage", async () => {
  const contentOf = (folder: string): Promise<CurveContent> => {
    const name = readdirSync(samples + folder).find((one) => tensorboard.hasName(one))!;
    return read(readFileSync(`${samples}${folder}/${name}`));
  };
  for (const folder of ["generated_tensorboardX", "generated_tf2_tensor"]) {
    const { series, issues } = await contentOf(folder);
    expect(issues).toEqual([]);
    expect(series.length).toBeGreaterThan(0);
    for (const { steps, wallTimes } of series) {
      expect(steps.length).toBeGreaterThan(0);
      expect(Math.min(...wallTimes!)).toBeGreaterThan(1e9);
    }
  }
});
