import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { MachineFacts } from "../protocol/machine.ts";
import { UserError } from "../protocol/userError.ts";
import type { PinnedArchive } from "./gpuArchive.ts";

/** Libraries of onnxruntime's CUDA provider: no package registry for JavaScript has them. */
const providers = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];

/** Where they lie below the folder of an archive that was unpacked: GitHub's, NuGet's, and the wheel for Python. */
const places = [".", "lib", "runtimes/linux-x64/native", "onnxruntime/capi", "capi"];

/**
 * Archives by onnxruntime's version, pinned to their SHA-256. Version 1.30.0 has none yet: its digest could not be read
 * from a trustworthy place when this was written, and what is not pinned is not fetched. It can be taken from a folder.
 */
export const pinnedArchives: Readonly<Record<string, PinnedArchive>> = {};

/** Page of the package that onnxruntime-node's own installation names for these libraries. */
export function packagePage(version: string): string {
  return `https://www.nuget.org/packages/Microsoft.ML.OnnxRuntime.Gpu.Linux/${version}`;
}

/**
 * Takes the provider's libraries from a folder, or a zip archive (`.zip`, `.nupkg`, `.whl`), into `storage`, beside a copy
 * of onnxruntime's native build, which looks for them in its own folder alone. What was there before is replaced at once, at
 * the end. Never run on hardware by us: a process that uses them checks its numbers against the CPU's first.
 * @throws UserError that says what is missing
 */
export async function installGpuLibraries(
  from: string,
  storage: string,
  { runtime }: Pick<MachineFacts, "runtime">,
): Promise<void> {
  const { folder, version, backends } = runtime;
  if (folder === null || !backends.some(({ name }) => name === "cuda"))
    throw new UserError(
      "gpu/platform",
      "onnxruntime has a CUDA provider for Linux x64 alone. WebGPU needs no installation.",
    );
  await mkdir(dirname(storage), { recursive: true });
  const staged = await mkdtemp(`${storage}-`);
  try {
    const source = /\.(zip|nupkg|whl)$/i.test(from) ? await unpack(from, join(staged, "archive")) : from;
    const found = await providersIn(source, version);
    const packages = join(folder, "../../../../..");
    const copied = join(staged, "gpu", "node_modules");
    for (const name of ["onnxruntime-node", "onnxruntime-common"])
      await cp(join(packages, name), join(copied, name), { recursive: true, dereference: true });
    const binaries = join(copied, "onnxruntime-node/bin/napi-v6", process.platform, process.arch);
    for (const path of found) await cp(path, join(binaries, basename(path)), { dereference: true });
    await rm(storage, { recursive: true, force: true });
    await rename(join(staged, "gpu"), storage);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/** Takes what of an archive is needed: the libraries, and what tells their version. */
async function unpack(file: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true });
  try {
    const { takeOut } = await import("./zipArchive.ts");
    await takeOut(file, to, isNeeded);
  } catch (error) {
    throw new UserError(
      "gpu/archive",
      `${file}: cannot be unpacked (${error instanceof Error ? error.message : String(error)}). Fetch it again.`,
    );
  }
  return to;
}

function isNeeded(path: string): boolean {
  const name = basename(path);
  const isWheel = /^onnxruntime_gpu-[^/]*\.dist-info\/METADATA$/.test(path);
  return isWheel || providers.includes(name) || /^VERSION_NUMBER$|\.nuspec$/.test(name);
}

async function providersIn(folder: string, version: string): Promise<readonly string[]> {
  const at = places.map((place) => join(folder, place)).find((one) => existsSync(join(one, providers[1]!)));
  if (at === undefined)
    throw new UserError("gpu/library", `${folder}: holds no ${providers[1]}. ${whatToTake(version)}`);
  const found = providers.map((name) => join(at, name));
  for (const path of found)
    if (!(await isElf(path)))
      throw new UserError("gpu/library", `${path}: is missing or no shared library. ${whatToTake(version)}`);
  const theirs = await versionOf(at, folder);
  if (theirs !== version)
    throw new UserError(
      "gpu/version",
      theirs === null
        ? `${folder}: nothing in it tells the version of the libraries, and they must be of onnxruntime ${version}. ${whatToTake(version)}`
        : `${folder}: is of onnxruntime ${theirs}, and must be of ${version}. ${whatToTake(version)}`,
    );
  return found;
}

function whatToTake(version: string): string {
  return (
    `Take the folder of onnxruntime-linux-x64-gpu-${version}, unpacked, or the file ` +
    `microsoft.ml.onnxruntime.gpu.linux.${version}.nupkg.`
  );
}

async function isElf(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  await file.close();
  return bytesRead === 4 && buffer.readUInt32BE(0) === 0x7f454c46;
}

/** How each kind of package says its version, from the libraries' folder up to the one that was chosen. */
async function versionOf(at: string, chosen: string): Promise<string | null> {
  for (let folder = at; ; folder = dirname(folder)) {
    const names = await readdir(folder).catch(() => []);
    const own = names.map((name) => /^libonnxruntime\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1]);
    const named = own.find((version) => version !== undefined);
    if (named !== undefined) return named;
    const files: readonly (readonly [file: string | undefined, pattern: RegExp])[] = [
      [names.find((name) => name === "VERSION_NUMBER"), /^\s*(\d+\.\d+\.\d+)\s*$/],
      [names.find((name) => name.endsWith(".nuspec")), /<version>(\d+\.\d+\.\d+)<\/version>/],
      [names.find((name) => name === "METADATA"), /^Version: (\d+\.\d+\.\d+)\s*$/m],
      [names.find((name) => name === "__init__.py"), /^__version__ = "(\d+\.\d+\.\d+)"/m],
    ];
    for (const [file, pattern] of files) {
      if (file === undefined) continue;
      const version = pattern.exec(await readFile(join(folder, file), "utf8"))?.[1];
      if (version !== undefined) return version;
    }
    if (folder === chosen || folder === dirname(folder)) return null;
  }
}
