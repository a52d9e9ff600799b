import { pathsOf } from "../arguments.ts";
import type { Command } from "../command.ts";
import { writeRollouts } from "../rolloutWriter.ts";

export const exportCommand: Command = {
  name: "export",
  usage: "export PATH… [--out FILE]",
  doc: "the rollouts as rewardlens/1",
  options: ["out", "json"],
  run: (args, output) => writeRollouts(pathsOf(args, "export"), { out: args.out, output }),
};
