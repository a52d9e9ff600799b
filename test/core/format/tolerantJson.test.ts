import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseTolerantJson } from "../../../src/core/format/tolerantJson.ts";

test("JSON is read as JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseTolerantJson(JSON.stringify(value))).toEqual({
        ok: true,
        value: JSON.parse(JSON.stringify(value)),
        nonFinite: 0,
      });
    }),
  );
});

test("bare NaN is missing and bare infinities are infinite, and both are counted", () => {
  const parsed = parseTolerantJson('{"a": NaN, "b": [Infinity, -Infinity], "c": 1}');
  expect(parsed).toEqual({ ok: true, value: { a: null, b: [Infinity, -Infinity], c: 1 }, nonFinite: 3 });
});

test("the words inside strings stay words", () => {
  const text = '{"a": "NaN and \\"Infinity\\"", "b": NaN}';
  expect(parseTolerantJson(text)).toEqual({
    ok: true,
    value: { a: 'NaN and "Infinity"', b: null },
    nonFinite: 1,
  });
});

test("nothing else is forgiven, and the message does not quote the log", () => {
  for (const text of ["{a: 1}", "{'a': 1}", '{"secret": }', "[1,]", '{"a": 1', "NaNa"]) {
    const parsed = parseTolerantJson(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.message).not.toContain("secret");
  }
});

test("ten megabytes of brackets or of an unclosed string are refused in no time", () => {
  const started = performance.now();
  expect(parseTolerantJson("[".repeat(10_000_000)).ok).toBe(false);
  expect(parseTolerantJson(`{"a": NaN, "b": "${"\\\\".repeat(5_000_000)}`).ok).toBe(false);
  expect(parseTolerantJson(`NaN${'"'.repeat(5_000_000)}`).ok).toBe(false);
  expect(performance.now() - started).toBeLessThan(10_000);
});
