import { homedir } from "node:os";
import { join } from "node:path";

/** Where a person's caches lie: the same for the editor and the command line. */
export function defaultCacheFolder(
  platform: string = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const own = environment["REWARDLENS_CACHE"];
  if (own !== undefined && own !== "") return own;
  if (platform === "win32")
    return join(environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "RewardLens", "Cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "RewardLens");
  const base = environment["XDG_CACHE_HOME"];
  return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "rewardlens");
}
