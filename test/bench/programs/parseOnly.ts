// The baseline of summaries: JSON.parse of every line on one core, and nothing else. Prints {ms, records}.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const fd = openSync(process.argv[2]!, "r");
const { size } = fstatSync(fd);
const chunk = Buffer.allocUnsafeSlow(1 << 21);
const decoder = new TextDecoder("utf-8", { fatal: true });
const started = performance.now();
let rest = Buffer.alloc(0);
let records = 0;
for (let at = 0; at < size;) {
  const read = readSync(fd, chunk, 0, chunk.length, at);
  at += read;
  const bytes = rest.length === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)]);
  let from = 0;
  for (let to = bytes.indexOf(0x0a); to >= 0; to = bytes.indexOf(0x0a, from)) {
    JSON.parse(decoder.decode(bytes.subarray(from, to)));
    records++;
    from = to + 1;
  }
  rest = Buffer.from(bytes.subarray(from));
}
closeSync(fd);
console.log(JSON.stringify({ ms: performance.now() - started, records }));
