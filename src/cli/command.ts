import type { Arguments, OptionName } from "./arguments.ts";
import type { Output } from "./output.ts";

/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** How it is called, after `rewardlens`. */
  readonly usage: string;
  readonly doc: string;
  readonly options: readonly OptionName[];
  /** @returns the exit code */
  run(args: Arguments, output: Output): Promise<number>;
}
