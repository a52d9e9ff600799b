import { expect, test } from "vitest";
import { ContainerError } from "../../../src/core/container/containerError.ts";
import { seekableZstd } from "../../../src/core/container/seekableZstd.ts";
import type { ByteSource } from "../../../src/core/format/format.ts";
import { memorySource } from "../format/memorySource.ts";
import { concat, zstdFrame } from "./zstdFrames.ts";

/** Frames and the table behind them, with checksums that are not compared or without. */
function seekable(texts: readonly string[], { checksums = false } = {}): Uint8Array {
  const frames = texts.map(zstdFrame);
  const width = checksums ? 12 : 8;
  const table = new DataView(new ArrayBuffer(8 + frames.length * width + 9));
  table.setUint32(0, 0x184d2a5e, true);
  table.setUint32(4, table.byteLength - 8, true);
  frames.forEach((frame, k) => {
    table.setUint32(8 + k * width, frame.length, true);
    table.setUint32(12 + k * width, new TextEncoder().encode(texts[k]).length, true);
  });
  const end = table.byteLength - 9;
  table.setUint32(end, frames.length, true);
  table.setUint8(end + 4, checksums ? 0x80 : 0);
  table.setUint32(end + 5, 0x8f92eab1, true);
  return concat(...frames, new Uint8Array(table.buffer));
}

const texts = ["{one}\n{tw", "", "o}\n", "{three – 3}\n"];
const whole = new TextEncoder().encode(texts.join(""));

test.each([false, true])(
  "any range of the text is read, over frames and empty ones (checksums: %s)",
  async (checksums) => {
    const source = await seekableZstd(memorySource(seekable(texts, { checksums })));
    expect(source.size).toBe(whole.length);
    for (let from = 0; from <= whole.length; from++)
      for (let to = from; to <= whole.length + 3; to++)
        expect(await source.read(from, to)).toEqual(whole.slice(from, to));
  },
);

test("a read costs the frames it touches", async () => {
  const bytes = seekable(texts);
  const touched: (readonly [number, number])[] = [];
  const counting: ByteSource = {
    size: bytes.length,
    read(from, to) {
      touched.push([from, to]);
      return Promise.resolve(bytes.slice(from, to));
    },
  };
  const source = await seekableZstd(counting);
  touched.length = 0;
  await source.read(whole.length - 3, whole.length);
  await source.read(whole.length - 4, whole.length - 2);
  const last = zstdFrame(texts[3]!).length;
  const before = zstdFrame(texts[0]!).length + zstdFrame(texts[1]!).length + zstdFrame(texts[2]!).length;
  expect(touched).toEqual([[before, before + last]]);
});

test("an empty stream is empty", async () => {
  const source = await seekableZstd(memorySource(seekable([])));
  expect([source.size, await source.read(0, 10)]).toEqual([0, new Uint8Array(0)]);
});

test("a file without its table, or with one that lies, is damaged", async () => {
  const good = seekable(texts);
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = good.slice();
    bytes[at < 0 ? bytes.length + at : at] = value;
    return bytes;
  };
  const bad = [
    new Uint8Array(0),
    good.subarray(0, good.length - 1),
    zstdFrame("plain"),
    changed(-9, 200),
    changed(-6, 0x7f),
    changed(-17, 9),
    changed(good.length - 9 - 4 * 8, 1),
    good.subarray(1),
  ];
  for (const bytes of bad) await expect(seekableZstd(memorySource(bytes))).rejects.toThrow(ContainerError);
});

test("a frame that is not what its table says is an error of the read, not of the rest", async () => {
  const bytes = seekable(["first", "second"]);
  bytes[zstdFrame("first").length] = 0;
  const source = await seekableZstd(memorySource(bytes));
  expect(new TextDecoder().decode(await source.read(0, 5))).toBe("first");
  await expect(source.read(5, 8)).rejects.toThrow(ContainerError);
  const longer = seekable(["first"]);
  longer[longer.length - 9 - 4] = 6;
  await expect((await seekableZstd(memorySource(longer))).read(0, 6)).rejects.toThrow(ContainerError);
});
