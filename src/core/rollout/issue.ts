/** What can be wrong with a log. The list is closed: programs read these codes. */
export const issueCodes = [
  "torn-line",
  "bad-json",
  "bad-field",
  "non-finite",
  "oversized",
  "unsupported-version",
  "unrecognised",
  "damaged",
  "refused",
] as const;

export type IssueCode = (typeof issueCodes)[number];

/** One damage in one file. Bad input is data: readers return issues beside what they could read. */
export interface Issue {
  readonly code: IssueCode;
  /** Line from 1; 0 where the file as a whole is meant. */
  readonly line: number;
  /** Byte offset from 0 of the damage, or of the line that holds it. */
  readonly byte: number;
  /** What is wrong and what to do, in one sentence. */
  readonly message: string;
}
