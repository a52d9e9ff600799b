import { existsSync } from "node:fs";
import { command, isOnPath } from "./command.mjs";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * A Chromium to drive the workbench with: the one named by CHROME, one that is there, else Debian's package.
 * @param {{ log: (line: string) => void }} options
 * @returns {string} its path
 */
export function ensureChromium({ log }) {
  const there = [process.env["CHROME"] ?? "", ...places].find((path) => path !== "" && existsSync(path));
  if (there !== undefined) return there;
  if (!isOnPath("apt-get"))
    throw new Error("No Chromium found: install one and name it in the variable CHROME.");
  log("Installing Chromium (Debian package, once)…");
  const root = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (/** @type {string[]} */ ...args) => {
    const [program = "", ...rest] = [...root, "apt-get", ...args];
    command(program, rest, { env });
  };
  try {
    apt("update");
    apt(
      "install",
      "-y",
      "--no-install-recommends",
      "chromium",
      "fonts-dejavu-core",
      "fonts-noto-color-emoji",
    );
  } catch (error) {
    throw new Error(
      `Chromium could not be installed (${String(error)}). Install it and name it in the variable CHROME.`,
    );
  }
  return places.find((path) => existsSync(path)) ?? "chromium";
}
