// The places of all records of a file, kept as numbers, and nothing else. Prints {ms, records}.
import { lineBatches } from "../../../src/core/format/byteLines.ts";
import { GrowingColumn } from "../../../src/core/stats/growingColumn.ts";
import { openFile } from "../../../src/store/fileSource.ts";

const file = await openFile(process.argv[2]!);
const ends = new GrowingColumn();
const started = performance.now();
for await (const lines of lineBatches(file, undefined, { passing: true }))
  for (const { to } of lines) ends.push(to);
console.log(JSON.stringify({ ms: performance.now() - started, records: ends.length }));
await file.close();
