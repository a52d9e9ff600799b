/** One parameter of a credit method: enough to parse it, to check it, and to draw a control for it. */
export type Parameter =
  | NumberParameter
  | BooleanParameter
  | ChoiceParameter
  | TextParameter
  | NumbersParameter;

export interface NumberParameter {
  readonly kind: "number";
  readonly default: number;
  readonly min?: number;
  readonly max?: number;
  /** It counts something: no fractions. */
  readonly whole?: boolean;
  readonly doc: string;
}

export interface BooleanParameter {
  readonly kind: "boolean";
  readonly default: boolean;
  readonly doc: string;
}

export interface ChoiceParameter<C extends string = string> {
  readonly kind: "choice";
  readonly choices: readonly C[];
  readonly default: C;
  readonly doc: string;
}

export interface TextParameter {
  readonly kind: "text";
  readonly default: string;
  readonly doc: string;
}

/** Numbers by names that only the log knows: weights of the reward's components. */
export interface NumbersParameter {
  readonly kind: "numbers";
  readonly default: Readonly<Record<string, number>>;
  readonly doc: string;
}

export type Parameters = Readonly<Record<string, Parameter>>;

export type ParameterValue = number | boolean | string | Readonly<Record<string, number>>;

/** Values of a parameter table: numbers, booleans, the union of a choice's strings, numbers by name. */
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends ChoiceParameter<infer C>
    ? C
    : P[K] extends NumberParameter
      ? number
      : P[K] extends BooleanParameter
        ? boolean
        : P[K] extends NumbersParameter
          ? Readonly<Record<string, number>>
          : string;
};

/** A value in words: numbers by name as JSON. */
export function wordOf(value: ParameterValue): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A parameter that cannot be used as given: unknown, of the wrong type, or out of range. */
export class ParameterError extends Error {}

/**
 * The values a method runs with: defaults, then the preset's, then the explicit ones.
 * @throws ParameterError when a name is unknown or a value does not fit.
 */
export function resolveParameters(
  method: { readonly id: string; readonly params: Parameters; readonly presets: Presets },
  explicit: Readonly<Record<string, unknown>>,
): { readonly preset: string; readonly values: Readonly<Record<string, ParameterValue>> } {
  const presetNames = Object.keys(method.presets);
  const preset = explicit["preset"] ?? presetNames[0] ?? "default";
  if (typeof preset !== "string" || !presetNames.includes(preset)) {
    throw new ParameterError(
      `${method.id} has no preset ${JSON.stringify(preset)}; choose one of ${presetNames.join(", ")}`,
    );
  }
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(method.params)) values[name] = parameter.default;
  Object.assign(values, method.presets[preset]);
  for (const [name, value] of Object.entries(explicit)) {
    if (name === "preset") continue;
    const parameter = Object.hasOwn(method.params, name) ? method.params[name] : undefined;
    if (parameter === undefined) {
      const known = ["preset", ...Object.keys(method.params)].join(", ");
      throw new ParameterError(`${method.id} has no parameter "${name}"; it has ${known}`);
    }
    values[name] = checkValue(`${method.id}.${name}`, parameter, value);
  }
  return { preset, values };
}

export type Presets = Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;

function checkValue(name: string, parameter: Parameter, value: unknown): ParameterValue {
  switch (parameter.kind) {
    case "number": {
      const { min = -Infinity, max = Infinity } = parameter;
      const fits = typeof value === "number" && Number.isFinite(value) && value >= min && value <= max;
      if (!fits || (parameter.whole === true && !Number.isInteger(value)))
        throw new ParameterError(`${name} takes ${rangeOf(parameter)}`);
      return value;
    }
    case "boolean":
      if (typeof value !== "boolean") throw new ParameterError(`${name} takes true or false`);
      return value;
    case "choice":
      if (typeof value !== "string" || !parameter.choices.includes(value)) {
        throw new ParameterError(`${name} takes one of ${parameter.choices.join(", ")}`);
      }
      return value;
    case "numbers":
      if (!isNumbers(value)) throw new ParameterError(`${name} takes an object of numbers`);
      return Object.fromEntries(Object.entries(value));
    case "text":
      if (typeof value !== "string") throw new ParameterError(`${name} takes a string`);
      return value;
  }
}

/** The numbers that fit, in words. */
function rangeOf({ min, max, whole }: NumberParameter): string {
  const number = whole === true ? "a whole number" : "a number";
  if (min === undefined) return max === undefined ? number : `${number} up to ${max}`;
  return max === undefined ? `${number} from ${min} on` : `${number} from ${min} to ${max}`;
}

function isNumbers(value: unknown): value is Readonly<Record<string, number>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((x) => Number.isFinite(x));
}
