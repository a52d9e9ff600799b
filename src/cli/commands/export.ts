import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { writeTrajectory } from "../../core/format/write.ts";
import { UserError } from "../../protocol/userError.ts";
import { loadTrajectories } from "../../store/loadTrajectories.ts";
import { OpenRoot } from "../../store/openRoot.ts";
import { pathsOf } from "../arguments.ts";
import type { Command } from "../command.ts";
import { Output } from "../output.ts";
import { warnOfDamage } from "../damage.ts";

/** Records parsed at a time. */
const chunk = 64;

export const exportCommand: Command = {
  name: "export",
  usage: "export PATH… [--out FILE]",
  doc: "the rollouts as rewardlens/1",
  options: ["out", "json"],
  async run(args, output) {
    const paths = pathsOf(args, "export");
    const file = args.out === null ? null : createWriteStream(args.out);
    const written = file === null ? null : finished(file);
    const to = file === null ? output : new Output(file);
    const names = new UniqueNames();
    let exit = 0;
    for (const path of paths) {
      try {
        const root = await OpenRoot.open(path, null);
        exit = Math.max(exit, warnOfDamage(root, output));
        await writeRoot(root, { to, names, run: paths.length > 1 ? path : null });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        output.complain(error.message);
        exit = 2;
      }
    }
    file?.end();
    await written?.catch((error: Error) => {
      throw new UserError("export/write", `${args.out} cannot be written: ${error.message}`);
    });
    return exit;
  },
};

interface Target {
  readonly to: Output;
  readonly names: UniqueNames;
  /** Run of trajectories that name none, where several roots go into one file. */
  readonly run: string | null;
}

async function writeRoot({ files }: OpenRoot, { to, names, run }: Target): Promise<void> {
  for (const file of files) {
    for (let from = 0; from < file.table.length; from += chunk) {
      const rows = Array.from({ length: Math.min(chunk, file.table.length - from) }, (_, i) => from + i);
      for (const { trajectory } of await loadTrajectories(rows.map((row) => ({ file, row })))) {
        const id = names.unique(trajectory.id, file.path);
        await to.line(writeTrajectory({ ...trajectory, id }, trajectory.run ?? run));
      }
    }
  }
}

/** Ids must differ in one file; those of several files may not. */
class UniqueNames {
  readonly #seen = new Set<string>();

  unique(id: string, path: string): string {
    const file = path.replace(/^.*[\\/]/, "");
    let name = id;
    for (let n = 1; this.#seen.has(name); n++) name = n === 1 ? `${file}/${id}` : `${file}/${id}.${n}`;
    this.#seen.add(name);
    return name;
  }
}
