import { ContainerError } from "./containerError.ts";

/** Logs with the same messages again and again shrink to a hundredth; what shrinks further and is large is no log. */
const mostRatio = 500;
const freeSize = 1 << 24;

/** Refuses what would grow beyond a limit, or more than any log does, before it has grown. */
export function checkGrowth(compressed: number, size: number, mostBytes: number, what: string): void {
  if (size > mostBytes)
    throw new ContainerError(
      "refused",
      `${what} would grow to ${size} bytes; ${mostBytes} are read at most.`,
    );
  if (size > freeSize && size > compressed * mostRatio)
    throw new ContainerError(
      "refused",
      `${what} would grow from ${compressed} to ${size} bytes, more than a log does; it is not read.`,
    );
}
