import type { FileHead } from "./format.ts";

/** A kind of file that is known and never read: why, and what to do instead, as the end of "NAME …". */
interface Refusal {
  matches(head: FileHead): boolean;
  readonly message: string;
}

const unpickling =
  "Loading one can run any code that is in it, so RewardLens never does. Write the rollouts as rewardlens/1 from the trainer (docs/logging.md has a hook)";

/** Files that people drop in and that no reader here will ever open. */
const refusals: readonly Refusal[] = [
  {
    matches: ({ entries }) => entries?.some((name) => /(?:^|\/)data\.pkl$/.test(name)) ?? false,
    message: `is a torch file, which holds a Python pickle (slime's debug dumps are such). ${unpickling}, or convert it with torch.load and a few lines of Python.`,
  },
  {
    matches: ({ path, bytes }) => isPickle(bytes) || /\.(?:pkl|pickle)$/i.test(path),
    message: `is a Python pickle (SkyRL's training batches and RAGEN's rollouts are such). ${unpickling}, or switch the writer to JSON Lines.`,
  },
  {
    matches: ({ bytes }) => startsWith(bytes, [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]),
    message:
      "is an HDF5 file (Minari and D4RL keep classic episodes so). RewardLens reads rollouts of language models; export the episodes as rewardlens/1 to look at them.",
  },
];

/** Why a file is refused though it is known; null for all others. */
export function refusalOf(head: FileHead): string | null {
  return refusals.find((refusal) => refusal.matches(head))?.message ?? null;
}

/** Protocol 2 to 5 begin with 0x80 and the protocol's number, and end with a full stop. */
function isPickle(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes.length > 2;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}
