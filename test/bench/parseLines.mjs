// The baseline of `info`: JSON.parse of every line, and nothing else.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

let lines = 0;
for await (const line of createInterface({
  input: createReadStream(process.argv[2] ?? ""),
  crlfDelay: Infinity,
})) {
  JSON.parse(line);
  lines++;
}
console.log(lines);
