import { parseArguments, UsageError } from "./arguments.ts";
import { commands, usage } from "./commands.ts";
import { Output } from "./output.ts";

/** Exit codes of the contract. */
const failed = 2;
const interrupted = 130;

async function main(argv: readonly string[]): Promise<number> {
  const output = new Output();
  try {
    const [name, ...rest] = argv;
    if (name === undefined) throw new UsageError(`a command is missing. ${usage()}`);
    if (name === "help" || name === "--help" || name === "-h") {
      await output.line(usage());
      return 0;
    }
    const command = commands.find((one) => one.name === name);
    if (command === undefined) throw new UsageError(`there is no command "${name}". ${usage()}`);
    const args = parseArguments(rest, command.options);
    if (!args.help) return await command.run(args, output);
    await output.line(`usage: rewardlens ${command.usage}\n\n${command.doc}`);
    return 0;
  } catch (error) {
    output.complainOf(error);
    return failed;
  }
}

process.on("SIGINT", () => process.exit(interrupted));
// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? 0 : failed),
);
process.exitCode = await main(process.argv.slice(2));
