import type { IssueCode } from "../rollout/issue.ts";
import { isRecord } from "./isRecord.ts";

/**
 * Reported of an id that is an integer beyond 2^53: a number has lost its last digits. Whoever parses the record then
 * parses it again with such integers as text (`quoteLongIntegers`).
 */
export const lostDigits = "An id has more digits than a number holds; its last ones are not what was logged.";

type Report = (code: IssueCode, message: string) => void;

/**
 * Typed access to the fields of a record. A field of the wrong type is reported and read as missing; what no one
 * asked for is the rest, kept and shown. Names are looked up as own properties only.
 */
export class Fields {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #where: string;
  readonly #report: Report;
  readonly #used = new Set<string>();

  /** @param where path of the record for messages, as `turns[2].tokens`; empty for the line itself */
  constructor(record: Readonly<Record<string, unknown>>, where: string, report: Report) {
    this.#record = record;
    this.#where = where;
    this.#report = report;
  }

  has(name: string): boolean {
    return (
      Object.hasOwn(this.#record, name) && this.#record[name] !== null && this.#record[name] !== undefined
    );
  }

  raw(name: string): unknown {
    this.#used.add(name);
    return Object.hasOwn(this.#record, name) ? this.#record[name] : undefined;
  }

  text(name: string): string | null {
    return this.#typed(name, "a string", (value) => (typeof value === "string" ? value : undefined));
  }

  /** A name: a string, or a number as its digits. */
  key(name: string): string | null {
    return this.#typed(name, "a string", (value) => {
      if (typeof value === "string") return value;
      if (typeof value !== "number") return undefined;
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) this.#report("bad-field", lostDigits);
      return String(value);
    });
  }

  /** NaN where it is missing. */
  number(name: string): number {
    return this.#typed(name, "a number", asNumber) ?? NaN;
  }

  integer(name: string): number | null {
    return this.#typed(name, "an integer", (value) => asInteger(asNumber(value)));
  }

  /** The same for writers that put numbers down as text. */
  numberOrText(name: string): number {
    return this.#typed(name, "a number", toNumber) ?? NaN;
  }

  integerOrText(name: string): number | null {
    return this.#typed(name, "an integer", (value) => asInteger(toNumber(value)));
  }

  flag(name: string): boolean | null {
    return this.#typed(name, "true or false", (value) => (typeof value === "boolean" ? value : undefined));
  }

  list(name: string): readonly unknown[] | null {
    return this.#typed(name, "an array", (value) =>
      Array.isArray(value) ? (value as unknown[]) : undefined,
    );
  }

  object(name: string): Readonly<Record<string, unknown>> | null {
    return this.#typed(name, "an object", (value) => (isRecord(value) ? value : undefined));
  }

  /** Reports that a field is wrong in a way its type does not show. */
  wrong(name: string, what: string): void {
    this.#report("bad-field", `${this.#path(name)} ${what}.`);
  }

  /** Fields no one asked for, in the order of the log. */
  rest(): Map<string, unknown> {
    const rest = new Map<string, unknown>();
    for (const name of Object.keys(this.#record))
      if (!this.#used.has(name)) rest.set(name, this.#record[name]);
    return rest;
  }

  #typed<T>(name: string, what: string, convert: (value: unknown) => T | undefined): T | null {
    const value = this.raw(name);
    if (value === undefined || value === null) return null;
    const converted = convert(value);
    if (converted !== undefined) return converted;
    this.wrong(name, `is not ${what} and is read as missing`);
    return null;
  }

  #path(name: string): string {
    return this.#where === "" ? name : `${this.#where}.${name}`;
  }
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function asInteger(number: number | undefined): number | undefined {
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** A number, or one that was written as text (numpy scalars, "NaN", "Infinity"); undefined for anything else. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const text = value.trim().toLowerCase();
  if (text === "nan") return NaN;
  const number = Number(text.replace(/^([+-]?)inf$/, "$1infinity").replace("infinity", "Infinity"));
  return Number.isNaN(number) || /^[+-]?0[xob]/.test(text) ? undefined : number;
}
