// Summaries of all trajectories of a file. Prints {ms, records, peakMb}.
import { indexFile } from "../../../src/store/fileIndex.ts";

const started = performance.now();
const { table } = await indexFile(process.argv[2]!);
const ms = performance.now() - started;
const peakMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ ms, records: table.length, peakMb }));
