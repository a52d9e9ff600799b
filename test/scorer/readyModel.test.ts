import { expect, test } from "vitest";
import type { LoadedModel, ScoredItem, ScoreItem } from "../../src/protocol/scorer.ts";
import { ReadyModel } from "../../src/scorer/readyModel.ts";
import type { ScoringModel } from "../../src/scorer/scoringModel.ts";

// No device here is wrong on demand: what another device says is made up; that of the real ones is in webgpu.test.ts.
class Device {
  readonly #wrongAt: number;
  readonly seen: number[] = [];
  released = false;

  /** @param wrongAt length of a text it is wrong about */
  constructor(wrongAt: number) {
    this.#wrongAt = wrongAt;
  }
  async score(items: readonly ScoreItem[]): Promise<readonly ScoredItem[]> {
    return items.map(({ prompt }) => {
      this.seen.push(prompt.length);
      const score = prompt.length === this.#wrongAt ? 0.9 : 0.1;
      const none = new Int32Array(0);
      const columns = [{ name: "prm", level: "trajectory" as const, values: Float32Array.of(score) }];
      return {
        first: Int32Array.of(0),
        start: none,
        end: none,
        ids: none,
        columns,
        tokens: 1,
        windows: 1,
        onGpu: false,
      };
    });
  }
  takes({ answer }: ScoreItem): boolean {
    return answer !== "refused";
  }
  async release(): Promise<void> {
    this.released = true;
  }
}

const told: LoadedModel = {
  device: "webgpu",
  note: "",
  selfCheck: { maxDifference: 0, texts: 16 },
  maxTokens: 64,
};
const items = Array.from({ length: 64 }, (_, i): ScoreItem => ({
  prompt: "x".repeat(i),
  before: [],
  parts: [],
  answer: null,
}));

function ready(
  gpu: Device,
  cpu: Device,
  options: { isForced?: boolean; keepsCpu?: boolean } = {},
): ReadyModel {
  const { isForced = false, keepsCpu = true } = options;
  const model = (device: Device): ScoringModel => device as unknown as ScoringModel;
  return new ReadyModel(model(gpu), told, { cpu: model(cpu), isForced, keepsCpu });
}

test("a device that agrees on real texts stays, and each further job is looked at", async () => {
  const [gpu, cpu] = [new Device(-1), new Device(-1)];
  const own = ready(gpu, cpu);
  expect(await own.check(items)).toBe(false);
  expect(cpu.seen).toHaveLength(8);
  // Together and each by itself.
  expect(gpu.seen).toHaveLength(16);
  expect(own.told).toMatchObject({ device: "webgpu", selfCheck: { maxDifference: 0, texts: 32 } });
  await own.check(items);
  expect(cpu.seen).toHaveLength(9);
});

test("one that is wrong gives way to the CPU, also in a later job", async () => {
  const [gpu, cpu] = [new Device(32), new Device(-1)];
  const own = ready(gpu, cpu);
  expect(await own.check(items.slice(0, 8))).toBe(false);
  expect(await own.check(items)).toBe(true);
  expect(own.model).toBe(cpu);
  expect(gpu.released).toBe(true);
  expect(own.told.device).toBe("cpu");
  expect(own.told.note).toContain("differ from the CPU's by up to 0.80");
  expect(await own.check(items)).toBe(false);
});

test("one that was asked for by name is refused, and is looked at as closely the next time", async () => {
  const cpu = new Device(-1);
  const own = ready(new Device(4), cpu, { isForced: true });
  await expect(own.check(items)).rejects.toMatchObject({ code: "scorer/device" });
  await expect(own.check(items)).rejects.toMatchObject({ code: "scorer/device" });
  expect(cpu.seen).toHaveLength(16);
});

test("a large model leaves the CPU when it has agreed", async () => {
  const cpu = new Device(-1);
  await ready(new Device(-1), cpu, { keepsCpu: false }).check(items);
  expect(cpu.released).toBe(true);
});

test("texts that the chat template does not take are not looked at", async () => {
  const [gpu, cpu] = [new Device(-1), new Device(-1)];
  const refused = items.map((item) => ({ ...item, answer: "refused" }));
  expect(await ready(gpu, cpu).check(refused)).toBe(false);
  expect([gpu.seen, cpu.seen]).toEqual([[], []]);
});
