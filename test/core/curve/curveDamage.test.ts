import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { curveFormats } from "../../../src/core/curve/registry.ts";
import { alone, memorySource } from "../format/memorySource.ts";
import { readCurves } from "./curveContent.ts";

const root = fileURLToPath(new URL("../../fixtures/curves/", import.meta.url));
const ending = ".expected.json";
const logs = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(ending))
  .map((path) => path.replaceAll("\\", "/").slice(0, -ending.length));

/** Bytes beyond which not every cut is tried. */
const small = 2000;

/** Reads bytes as the file would be, and by its own format whatever it looks like now. */
async function isRead(id: string, path: string, bytes: Uint8Array): Promise<void> {
  await readCurves(bytes, path);
  const format = curveFormats.find((one) => one.id === id)!;
  const { series, issues, issueCount } = await format.read(memorySource(bytes), alone(path), {});
  for (const { steps, values, wallTimes } of series) {
    expect([values.length, wallTimes?.length ?? steps.length]).toEqual([steps.length, steps.length]);
    expect(steps.every(Number.isInteger)).toBe(true);
  }
  expect(issueCount).toBeGreaterThanOrEqual(issues.length);
  for (const { line, byte, message } of issues) {
    expect([Number.isInteger(line), line >= 0, byte >= 0 && byte <= bytes.length]).toEqual([
      true,
      true,
      true,
    ]);
    expect(message.length).toBeLessThan(400);
  }
}

test.each(logs)("%s is read wherever it is cut, and whatever its bytes are", async (path) => {
  const id = path.split("/")[0]!;
  const bytes = new Uint8Array(readFileSync(root + path));
  const stride = Math.max(1, Math.ceil(bytes.length / small)) * (bytes.length > small ? 40 : 1);
  for (let to = 0; to < bytes.length; to += stride) await isRead(id, path, bytes.slice(0, to));
  const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(changes, (all) =>
      isRead(
        id,
        path,
        all.reduce((changed, [at, byte]) => changed.with(at, byte), bytes),
      ),
    ),
    { numRuns: bytes.length > 40_000 ? 20 : 60 },
  );
});

test("no format throws for bytes of any kind", async () => {
  const starts = [
    [],
    [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0],
    [...new TextEncoder().encode("SQLite format 3\0")],
    [...new TextEncoder().encode("step,loss\n")],
    [...new TextEncoder().encode('{"log_history": [')],
    [...new TextEncoder().encode("PAR1")],
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
      for (const { id } of curveFormats)
        await isRead(id, "run/metrics.csv", Uint8Array.from([...start, ...rest]));
    }),
    { numRuns: 200 },
  );
});

test("names of metrics are only names, whatever they are", async () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const record = (step: number): string =>
    `{"step":${step},${names.map((name) => `"${name}":${step}`).join()},"a":{"__proto__":1}}`;
  const { series } = await readCurves(`${record(1)}\n${record(2)}\n`, "run/metrics.jsonl");
  expect(series.map(({ name, values }) => [name, values.length])).toEqual(
    [...names, "a/__proto__"].map((name) => [name, 2]),
  );
  const table = await readCurves(`step,${names.join()}\n1,1,2,3,4\n`, "run/metrics.csv");
  expect(table.series.map(({ name }) => name)).toEqual(names);
});
