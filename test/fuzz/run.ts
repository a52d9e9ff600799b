// npm run fuzz [-- FORMAT…] [-- --cases N] [--from N]: damages the fixtures of every format in at least 10,000 ways and
// reads them: nothing may throw, hang for a second of work, or report damage at no place. Prints each failure with the
// number of its case, which makes it again.
import { fuzzOnce, type Seed, seeds } from "./fuzz.ts";

const args = process.argv.slice(2);
const option = (name: string, fallback: number): number => {
  const at = args.indexOf(name);
  return at < 0 ? fallback : Number(args.splice(at, 2)[1]);
};
const cases = option("--cases", 10_000);
const from = option("--from", 0);
const byFormat = new Map<string, Seed[]>();
for (const seed of seeds()) {
  const name = `${seed.kind}/${seed.format}`;
  if (args.length > 0 && !args.includes(seed.format)) continue;
  byFormat.set(name, [...(byFormat.get(name) ?? []), seed]);
}
let failed = 0;
for (const [name, logs] of byFormat) {
  const started = performance.now();
  let failures = 0;
  for (let n = from; n < from + cases; n++) {
    const failure = await fuzzOnce(logs[n % logs.length]!, n);
    if (failure === null) continue;
    failures++;
    if (failures <= 5) console.log(`${name} case ${n} (${failure.seed.path}):\n${failure.what}\n`);
  }
  failed += failures;
  const seconds = (performance.now() - started) / 1000;
  console.log(`${name}: ${cases} cases, ${failures} failures, ${seconds.toFixed(1)} s`);
}
process.exitCode = failed > 0 ? 1 : 0;
