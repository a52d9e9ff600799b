import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Device } from "../protocol/scorer.ts";

/** PCI vendors of GPUs that are hardware: NVIDIA, AMD, Intel, Apple, Qualcomm. A virtual display has another. */
const vendors = new Set(["0x10de", "0x1002", "0x8086", "0x106b", "0x5143"]);

/** Drivers that compute on the CPU and call themselves a GPU. */
const software = /swiftshader|lavapipe|lvp_icd|llvmpipe/i;

/**
 * Execution providers worth a try on this machine, the fastest first; empty where there is no hardware GPU. A software
 * adapter is slower than the CPU it runs on.
 */
export function gpuCandidates(
  platform: string = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly Device[] {
  if (platform === "darwin") return ["webgpu", "coreml"];
  if (platform === "win32") return ["dml", "webgpu"];
  if (existsSync("/dev/nvidia0")) return ["cuda", "webgpu"];
  const forced = `${environment["VK_ICD_FILENAMES"] ?? ""}:${environment["VK_DRIVER_FILES"] ?? ""}`;
  return hasHardwareAdapter() && !software.test(forced) ? ["webgpu"] : [];
}

function hasHardwareAdapter(): boolean {
  try {
    return readdirSync("/sys/class/drm")
      .filter((name) => name.startsWith("renderD"))
      .some((name) => vendors.has(readFileSync(`/sys/class/drm/${name}/device/vendor`, "utf8").trim()));
  } catch {
    return false;
  }
}
