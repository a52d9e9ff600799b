import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { ContainerError } from "../../../src/core/container/containerError.ts";
import { openZip, zipNames } from "../../../src/core/container/zip.ts";
import { memorySource } from "../format/memorySource.ts";
import { type Entry, zipFile } from "./zipBytes.ts";
import { concat, zstdFrame } from "./zstdFrames.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

async function contents(file: Uint8Array, most?: number): Promise<Record<string, string>> {
  const zip = await openZip(memorySource(file));
  const out: Record<string, string> = {};
  for (const entry of zip.entries) {
    try {
      out[entry.name] = text(await zip.read(entry, most));
    } catch (error) {
      if (!(error instanceof ContainerError)) throw error;
      out[entry.name] = `${error.code}!`;
    }
  }
  return out;
}

function deflated(name: string, content: Uint8Array): Entry {
  return { name, content, data: deflateRawSync(content), method: 8 };
}

test("what zip.js writes is read: stored, deflated, Zip64, folders left out", async () => {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  await writer.add("samples/", undefined, { directory: true });
  await writer.add("samples/ä b_epoch_1.json", new Uint8ArrayReader(bytes("[1]")), { level: 0 });
  await writer.add("big.json", new Uint8ArrayReader(bytes("x".repeat(5000))), { zip64: true, level: 9 });
  const file = await writer.close(undefined, { zip64: true });
  expect(await contents(file)).toEqual({ "samples/ä b_epoch_1.json": "[1]", "big.json": "x".repeat(5000) });
  const { entries } = await openZip(memorySource(file));
  expect(entries.map(({ method, size }) => [method, size])).toEqual([
    [0, 3],
    [8, 5000],
  ]);
});

test("Zstandard entries of several frames are read", async () => {
  const data = concat(zstdFrame('{"a":'), zstdFrame("1}"));
  expect(await contents(zipFile([{ name: "a.json", data, content: bytes('{"a":1}'), method: 93 }]))).toEqual({
    "a.json": '{"a":1}',
  });
});

test("of entries with one name the last is read, and stands where it stands", async () => {
  const file = zipFile([
    { name: "a", data: bytes("old") },
    { name: "b", data: bytes("b") },
    { name: "a", data: bytes("new") },
  ]);
  expect(Object.entries(await contents(file))).toEqual([
    ["b", "b"],
    ["a", "new"],
  ]);
});

test("an entry's bytes hold its data", async () => {
  const file = zipFile([deflated("one", bytes("one")), { name: "two", data: bytes("second") }]);
  const { entries } = await openZip(memorySource(file));
  const two = entries[1]!;
  expect(text(file.subarray(two.from, two.to)).endsWith("second")).toBe(true);
  expect(entries[0]!.to).toBe(two.from);
});

test("names that lead out, links and locked entries are refused, the rest is read", async () => {
  const names = ["../up", "a/../../b", "/etc/passwd", "C:\\x", "..\\x", "a\\..\\..\\b"];
  const found = await contents(
    zipFile([
      ...names.map((name) => ({ name, data: bytes("x") })),
      { name: "link", data: bytes("/etc/passwd"), mode: 0o120777 },
      { name: "locked", data: bytes("0123456789abcdef"), flags: 0x801 },
      { name: "a..b/..c", data: bytes("fine") },
    ]),
  );
  expect(found).toEqual({
    ...Object.fromEntries([...names, "link", "locked"].map((name) => [name, "refused!"])),
    "a..b/..c": "fine",
  });
});

test("an entry larger than the limit, or than its directory says, is not read", async () => {
  const content = bytes("y".repeat(10_000));
  expect(await contents(zipFile([deflated("a", content)]), 9999)).toEqual({ a: "refused!" });
  expect(await contents(zipFile([deflated("a", content)]), 10_000)).toEqual({ a: text(content) });
  const packed = { name: "a", data: zstdFrame(text(content)), content, method: 93 };
  expect(await contents(zipFile([{ ...deflated("a", content), size: 9000 }]))).toEqual({ a: "damaged!" });
  expect(await contents(zipFile([{ ...packed, size: 9000 }]))).toEqual({ a: "refused!" });
});

test("a bomb is refused before it grows", async () => {
  const content = new Uint8Array(60_000_000);
  const { data } = deflated("a", content);
  const started = performance.now();
  const honest: Entry = { name: "honest", data, content: new Uint8Array(0), size: content.length, method: 8 };
  expect(await contents(zipFile([honest, { ...honest, name: "lying", size: 100 }]))).toEqual({
    honest: "refused!",
    lying: "damaged!",
  });
  expect(performance.now() - started).toBeLessThan(1000);
});

test("wrong checksums, sizes, methods and data are damaged entries; the others are read", async () => {
  const content = bytes("the same text again and again and again");
  const good = deflated("good", content);
  const torn = { ...good, data: good.data.slice(0, -4) };
  const found = await contents(
    zipFile([
      { ...good, name: "crc", crc: 1 },
      { ...good, name: "small", size: 100 },
      { ...good, name: "method", method: 12 },
      { ...torn, name: "torn" },
      { name: "stored", data: content, crc: 5 },
      { name: "zstd", data: zstdFrame("x"), content: bytes("y"), method: 93 },
      { name: "no zstd", data: content, method: 93 },
      { name: "beyond", data: content, compressedSize: 2 ** 31, size: 5 },
      good,
    ]),
  );
  const damaged = ["crc", "small", "method", "torn", "stored", "zstd", "no zstd", "beyond"];
  expect(found).toEqual({
    ...Object.fromEntries(damaged.map((name) => [name, "damaged!"])),
    good: text(content),
  });
});

test("a file cut off anywhere has no directory, and says so", async () => {
  const file = zipFile([deflated("a", bytes("text")), { name: "b", data: bytes("b") }]);
  for (let to = 0; to < file.length; to += 3) {
    const source = memorySource(file.subarray(0, to));
    await expect(openZip(source)).rejects.toThrow(ContainerError);
    expect(await zipNames(source)).toBeNull();
  }
});

test("places of entries are in the file, whatever the directory says", async () => {
  const file = zipFile([{ name: "a", data: bytes("text") }]);
  const at = file.length - 22 - 47 + 42;
  new DataView(file.buffer).setUint32(at, 0x7fffffff, true);
  const zip = await openZip(memorySource(file));
  const [entry] = zip.entries;
  expect([entry!.from, entry!.to]).toEqual([file.length, file.length]);
  await expect(zip.read(entry!)).rejects.toMatchObject({ code: "damaged" });
});
