import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "../../../src/protocol/scorer.ts";
import { repository } from "../../workbench/harness/workspace.ts";
import type { Loop } from "./direct.ts";

export const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

/** A decoder as test/fixtures/decoder/make.py makes it. */
export interface DecoderShape {
  readonly layers: number;
  readonly width: number;
}

/** What PyTorch is, and its tokens a second; or why it was not measured. */
export type TorchSpeed = { readonly name: string; readonly tokensPerSecond: number } | string;

/** PyTorch over the same batches with the same weights: on the CPU, or on CUDA for any GPU. */
export function torchSpeed(
  { layers, width }: DecoderShape,
  { lengths }: Loop,
  { device, threads }: { readonly device: Device; readonly threads: number },
): TorchSpeed {
  const script = join(repository, "test", "fixtures", "decoder", "speed.py");
  const on = device === "cpu" ? "cpu" : "cuda";
  const { stdout, status } = spawnSync(python, [script, `${layers}`, `${width}`, on, `${threads}`], {
    input: JSON.stringify(lengths),
    encoding: "utf8",
  });
  if (status !== 0) return "not measured: needs python3-torch";
  const told = JSON.parse(stdout) as Record<string, unknown>;
  if (typeof told["problem"] === "string") return `not measured: ${told["problem"]}`;
  const name = `PyTorch ${String(told["torch"])} on ${String(told["device"])}`;
  return { name, tokensPerSecond: Number(told["tokensPerSecond"]) };
}
