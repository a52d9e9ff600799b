import { UserError } from "../protocol/userError.ts";
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
    if (name === undefined || name === "help" || name === "--help") {
      await output.line(usage());
      return name === undefined ? failed : 0;
    }
    const command = commands.find((one) => one.name === name);
    if (command === undefined) throw new UsageError(`there is no command "${name}". ${usage()}`);
    return await command.run(parseArguments(rest, command.options), output);
  } catch (error) {
    if (error instanceof UsageError || error instanceof UserError) output.complain(error.message);
    else throw error;
    return failed;
  }
}

process.on("SIGINT", () => process.exit(interrupted));
// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? 0 : failed),
);
process.exitCode = await main(process.argv.slice(2));
