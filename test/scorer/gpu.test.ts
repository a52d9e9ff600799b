import { expect, test } from "vitest";
import { gpuCandidates } from "../../src/scorer/gpu.ts";

test("each system is asked for the providers it can have, and a software adapter for none", () => {
  expect(gpuCandidates("darwin", {})).toEqual(["webgpu", "coreml"]);
  expect(gpuCandidates("win32", {})).toEqual(["dml", "webgpu"]);
  const software = "/usr/share/vulkan/icd.d/vk_swiftshader_icd.json";
  // An NVIDIA card is a card, whatever Vulkan is told; without one a forced software adapter leaves nothing.
  const hardware = gpuCandidates("linux", {}).includes("cuda") ? ["cuda", "webgpu"] : [];
  for (const name of ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"])
    expect(gpuCandidates("linux", { [name]: software })).toEqual(hardware);
});
