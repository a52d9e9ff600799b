import { expect, test } from "vitest";
import { fuzzOnce, seeds } from "../../fuzz/fuzz.ts";

// A small share of `npm run fuzz`, with the same seeds.
const casesOfFormat = 60;

const logs = seeds();
const formats = [...new Set(logs.map(({ kind, format }) => `${kind}/${format}`))];

test.each(formats)("%s survives damage of every kind", { timeout: 120_000 }, async (name) => {
  const own = logs.filter(({ kind, format }) => `${kind}/${format}` === name);
  const failures = [];
  for (let n = 0; n < casesOfFormat; n++) {
    const failure = await fuzzOnce(own[n % own.length]!, n);
    if (failure !== null) failures.push(`case ${n} of ${failure.seed.path}: ${failure.what}`);
  }
  expect(failures).toEqual([]);
});
