/** An expected failure: its message is shown to people as it is, and says what is wrong and what to do. */
export class UserError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "UserError";
    this.code = code;
  }
}
