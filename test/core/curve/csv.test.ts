import fc from "fast-check";
import { expect, test } from "vitest";
import { csv } from "../../../src/core/curve/formats/csv.ts";
import { alone, memorySource } from "../format/memorySource.ts";
import { codesOf, pointsOf, readCurves } from "./curveContent.ts";

const read = (text: string, path = "run/metrics.csv"): ReturnType<typeof readCurves> =>
  readCurves(text, path);

test("a table is recognised by a column that holds a step, and by numbers below it", async () => {
  const formatOf = async (text: string, path = "run/table.csv"): Promise<string | null> =>
    (await read(text, path)).format;
  for (const step of ["step", "global_step", "Step", "training_iteration"])
    expect([step, await formatOf(`${step},loss\n1,0.5\n`)]).toEqual([step, "csv"]);
  expect(await formatOf("rollout/ep_rew_mean,time/total_timesteps\n1,2048\n")).toBe("csv");
  expect(await formatOf("epoch,loss\n1,0.5\n")).toBeNull();
  expect(await formatOf("step,name,city\n1,Ann,Bern\n")).toBeNull();
  expect(await formatOf("step,prompt,reward\n1,Hi,0.5\n")).toBeNull();
  expect(await formatOf("step,loss\n1,0.5\n", "run/table.txt")).toBeNull();
  expect(await formatOf("step,loss\n")).toBeNull();
  expect(await formatOf("step,loss\n", "run/metrics.csv")).toBe("csv");
  expect(await formatOf("")).toBeNull();
});

test("cells are numbers as Python and R write them; what stands for nothing is no point", async () => {
  const content = await read(
    "\uFEFFstep,a,b,c,note\r\n1,1e-05,nan,True,x\r\n2.0,-inf,,None,y\r\n\r\n3,NaN, 7 ,NULL,z\r\n",
  );
  expect(pointsOf(content)).toEqual({
    a: [
      [1, 1e-5],
      [2, -Infinity],
      [3, NaN],
    ],
    b: [
      [1, NaN],
      [3, 7],
    ],
  });
  expect(codesOf(content)).toEqual([]);
});

test("quoted cells may hold commas, quotes and line breaks; lines and bytes are those of the file", async () => {
  const rows = ['step,"a, ""b""",note\n', '1,"0.5","x\ny, ""z"""\n', "2,0.25,\n", "3,oops,é\n", "4,0.125,\n"];
  const content = await read(rows.join(""));
  expect(pointsOf(content)).toEqual({
    'a, "b"': [
      [1, 0.5],
      [2, 0.25],
      [4, 0.125],
    ],
  });
  expect(codesOf(content)).toEqual([`bad-field:5:${rows.slice(0, 3).join("").length}`]);
});

test("rows that are wrong are said with their lines and bytes, and the rows around them are read", async () => {
  const rows = [
    "step,a,b\n",
    "1,1,2\n",
    "x,1,2\n",
    "1.5,1,2\n",
    "2,3\n",
    "3,4,5,6\n",
    "step,a,b\n",
    "4,6,7\n",
  ];
  const at = (i: number): number => rows.slice(0, i).join("").length;
  const content = await read(rows.join(""));
  expect(pointsOf(content)).toEqual({
    a: [
      [1, 1],
      [2, 3],
      [3, 4],
      [4, 6],
    ],
    b: [
      [1, 2],
      [3, 5],
      [4, 7],
    ],
  });
  expect(codesOf(content)).toEqual([2, 3, 4, 5].map((i) => `bad-field:${i + 1}:${at(i)}`));
});

test("a last line without its end waits", async () => {
  const whole = "step,a\n1,0.5\n2,0.25\n";
  for (let to = "step,a\n1,0.5\n".length; to < whole.length; to++) {
    const content = await read(whole.slice(0, to));
    expect(pointsOf(content)).toEqual({ a: [[1, 0.5]] });
    expect(codesOf(content)).toEqual(to === 13 ? [] : ["torn-line:3:13"]);
  }
});

test("a quote that is never closed costs its own line", async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `${i + 1},${i}\n`);
  const content = await read(`step,a\n${lines.slice(0, 10).join("")}11,"oops\n${lines.slice(10).join("")}`);
  expect(content.series[0]!.steps).toHaveLength(100);
  expect(codesOf(content)).toEqual([`bad-field:12:${7 + lines.slice(0, 10).join("").length}`]);
});

test("of two columns of one name the first counts, and a column without a name does not", async () => {
  expect(pointsOf(await read(",step,a,a\n9,1,2,3\n"))).toEqual({ a: [[1, 2]] });
});

test("a monitor's steps are the lengths of its episodes, added up; its times stand on its start", async () => {
  const content = await read(
    '#{"t_start": 1760000000.5, "env_id": "a,b"}\nr,l,t,won\n1.5,10,2,True\n2.5,x,3,False\n3.5,5,4,True\n',
    "run/0.monitor.csv",
  );
  expect(pointsOf(content)).toEqual({
    r: [
      [10, 1.5],
      [15, 3.5],
    ],
    l: [
      [10, 10],
      [15, 5],
    ],
  });
  expect([...content.series[0]!.wallTimes!]).toEqual([1_760_000_002.5, 1_760_000_004.5]);
  expect(codesOf(content)).toEqual([`bad-field:4:${44 + 10 + 14}`]);
});

test("time is the wall time where it is one, and a metric where it counts from a start", async () => {
  const content = await read("step,time,loss\n1,1760000000,0.5\n2,12.5,0.25\n");
  expect(pointsOf(content)).toEqual({
    time: [[2, 12.5]],
    loss: [
      [1, 0.5],
      [2, 0.25],
    ],
  });
  expect([...content.series.find(({ name }) => name === "loss")!.wallTimes!]).toEqual([1_760_000_000, NaN]);
});

test("no text makes the reader throw, and stray quotes cost no more than their number", async () => {
  const text = fc.array(fc.constantFrom("1", "0.5", ",", '"', "\n", "\r\n", "x", "#", "\0", "é"), {
    maxLength: 300,
  });
  const format = csv;
  await fc.assert(
    fc.asyncProperty(text, async (pieces) => {
      const source = memorySource(`step,a,b\n${pieces.join("")}`);
      const { series } = await format.read(source, alone("metrics.csv"), {});
      for (const { steps, values } of series) expect(values.length).toBe(steps.length);
    }),
    { numRuns: 500 },
  );
  const started = performance.now();
  for (const line of ['1,"\n', '1,"a\n"b\n', `1,${'"'.repeat(1001)}\n`])
    await read(`step,a\n1,1\n${line.repeat(1e6 / line.length)}`);
  expect(performance.now() - started).toBeLessThan(15_000);
});
