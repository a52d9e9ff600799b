import { expect, test } from "vitest";
import { ContainerError } from "../../../src/core/container/containerError.ts";
import { decompressZstd } from "../../../src/core/container/zstd.ts";
import { concat, frameHead, rawBlock, rleBlock, skippableFrame, zstdFrame } from "./zstdFrames.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const line = "The answer is 42. The answer is 42, and the answer stays 42 whatever is asked.\n";

/** `line` six times, as zstd -19 packs it. */
const packed = Uint8Array.from(
  atob("KLUv/WDaANUBAPJCChDA62hLpoqFOJ1qLQQMIYcF4Aqie2HasIrRN+ezJbmhJ0Z/qpA9uWhIBACIUlDGUrjm3LZCZhg="),
  (c) => c.charCodeAt(0),
);

function codeOf(bytes: Uint8Array, most = 1e9): string {
  try {
    decompressZstd(bytes, most);
    return "read";
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error;
    return error.code;
  }
}

test("what zstd packed is unpacked", () => {
  expect(text(decompressZstd(packed, 1000))).toBe(line.repeat(6));
});

test("frames one after the other are one stream, those to be skipped are skipped", () => {
  const stream = concat(zstdFrame("one, "), skippableFrame(7), packed, zstdFrame(""), zstdFrame("two"));
  expect(text(decompressZstd(stream, 1000))).toBe(`one, ${line.repeat(6)}two`);
});

test("nothing is nothing", () => {
  expect(decompressZstd(new Uint8Array(0), 0).length).toBe(0);
});

test("one byte more than the limit is refused, by what frames announce and by what they hold", () => {
  expect(codeOf(packed, line.length * 6 - 1)).toBe("refused");
  expect(codeOf(packed, line.length * 6)).toBe("read");
  // The frame does not announce its size; its block does.
  expect(codeOf(concat(frameHead({ window: 0x50 }), rleBlock(0x61, 1000, true)), 999)).toBe("refused");
  expect(codeOf(concat(zstdFrame("12345"), zstdFrame("67890")), 9)).toBe("refused");
});

test("a bomb is refused before anything of it grows", () => {
  const blocks = Array.from({ length: 4000 }, (_, i) => rleBlock(0, 131_072, i === 3999));
  const started = performance.now();
  expect(codeOf(concat(frameHead({ window: 0x50 }), ...blocks))).toBe("refused");
  expect(performance.now() - started).toBeLessThan(1000);
});

test("a window that no log has is refused, and so are a million blocks under a large one", () => {
  expect(codeOf(concat(frameHead({ window: 0xf8 }), rawBlock("a", true)))).toBe("refused");
  const blocks = Array.from({ length: 2000 }, (_, i) => rawBlock("a", i === 1999));
  expect(codeOf(concat(frameHead({ window: 0x88 }), ...blocks))).toBe("refused");
});

test("what is cut off or no frame is damaged, wherever it is cut", () => {
  const stream = concat(zstdFrame("one"), packed);
  const frames = new Set([0, zstdFrame("one").length, stream.length]);
  for (let to = 0; to <= stream.length; to++)
    expect([to, codeOf(stream.subarray(0, to))]).toEqual([to, frames.has(to) ? "read" : "damaged"]);
  expect(codeOf(concat(packed, new Uint8Array([1])))).toBe("damaged");
  expect(codeOf(concat(frameHead({ window: 0x50 }), new Uint8Array([7, 0, 0])))).toBe("damaged");
});
