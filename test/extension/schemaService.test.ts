import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type LineCompletion, SchemaService } from "../../src/extension/schema/schemaService.ts";

const schema = new URL("../../schemas/rewardlens-1.schema.json", import.meta.url);
const service = new SchemaService(JSON.parse(readFileSync(schema, "utf8")));

/** What is offered where the bar stands. */
async function offered(line: string): Promise<readonly LineCompletion[]> {
  const at = line.indexOf("|");
  return service.complete(line.slice(0, at) + line.slice(at + 1), at);
}

async function labels(line: string): Promise<readonly string[]> {
  return (await offered(line)).map(({ label }) => label);
}

test("fields of a line, of a turn, of tokens and of steps are offered, each with what it means", async () => {
  for (const [line, fields] of [
    ['{"schema":"rewardlens/1",|}', ["id", "group", "train_step", "turns", "signals", "other"]],
    ['{"turns":[{"role":"user",|}]}', ["content", "trainable", "tokens", "steps", "other"]],
    ['{"turns":[{"tokens":{|}}]}', ["offsets", "text", "ids", "mask", "logprobs", "kl"]],
    ['{"turns":[{"steps":[{|}]}]}', ["start", "end", "reward", "label"]],
    ['{"signals":{|}}', ["group", "turns"]],
    ['{"signals":{"values":{|}}}', ["source", "level", "range", "model"]],
    ['{"signals":{"group":{|}}}', ["source", "level"]],
  ] as const) {
    const items = await offered(line);
    expect(
      items.map(({ label }) => label),
      line,
    ).toEqual(expect.arrayContaining([...fields]));
    expect(
      items.filter(({ doc }) => doc === "").map(({ label }) => label),
      line,
    ).toEqual([]);
  }
});

test("fields that are there are not offered again", async () => {
  expect(await labels('{"schema":"rewardlens/1","group":"a",|}')).not.toContain("group");
});

test("values are offered where there are few", async () => {
  expect(await labels('{"schema":|}')).toEqual(['"rewardlens/1"']);
  expect(await labels('{"split":|}')).toEqual(expect.arrayContaining(['"train"', '"validation"']));
  expect(await labels('{"turns":[{"role":|}]}')).toContain('"environment"');
  expect(await labels('{"signals":{"group":{"source":|}}}')).toContain('"same-prompt"');
});

test("a completion says what it replaces", async () => {
  const line = '{"schema":"rewardlens/1","tra|"}';
  const item = (await offered(line)).find(({ label }) => label === "train_step")!;
  expect([item.from, item.to]).toEqual([25, 30]);
  expect(item.insert).toContain('"train_step"');
});

test("what is wrong with a line is said where it stands", async () => {
  const problems = async (line: string): Promise<readonly string[]> =>
    (await service.validate(line)).map(({ from, to }) => line.slice(from, to));
  expect(await problems('{"schema":"rewardlens/1","turns":[{"role":"user","content":"x"}],"own":1}')).toEqual(
    [],
  );
  expect(await problems('{"schema":"rewardlens/1","turns":[{"role":"user","content":7}]}')).toEqual(["7"]);
  expect(await problems('{"schema":"rewardlens/1","train_step":"one","turns":[]}')).toEqual(['"one"']);
  expect((await problems('{"schema":"rewardlens/1","turns":[')).length).toBeGreaterThan(0);
});
