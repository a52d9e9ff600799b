import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("../fixtures", import.meta.url));

/** Graphs among the fixtures that fit the model which `layGraphs` lays. */
export const fixtureGraphs = {
  exact: "models/qwenPrm/model.onnx",
  int8: "quantizedPrm/model_int8.onnx",
  broken: "brokenModels/unknown-operator.onnx",
} as const;

/** Lays a tiny process reward model of three steps' scores with other graphs beside its own, by their paths inside it. */
export function layGraphs(
  folder: string,
  graphs: Readonly<Record<string, keyof typeof fixtureGraphs>>,
): void {
  cpSync(join(fixtures, "models", "qwenPrm"), folder, { recursive: true });
  for (const [name, kind] of Object.entries(graphs)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(fixtures, fixtureGraphs[kind]), join(folder, name));
  }
}

/** Writes a log of rollouts of three steps each. */
export function writeSteps(file: string, rollouts: number): void {
  const line = (i: number): string => {
    const steps = [
      `First: ${i} + ${i % 7} = ${i + (i % 7)}.`,
      `Then twice ${i}: ${2 * i}.`,
      `So \\boxed{${3 * i}}`,
    ];
    let at = 0;
    const spans = steps.map((step) => ({ start: at, end: (at += step.length + 1) - 1 }));
    const turns = [
      { role: "user", content: `What is ${i} + ${i}?` },
      { role: "assistant", content: steps.join("\n"), steps: spans },
    ];
    return JSON.stringify({ schema: "rewardlens/1", id: `r${i}`, turns });
  };
  writeFileSync(file, `${Array.from({ length: rollouts }, (_, i) => line(i)).join("\n")}\n`);
}
